import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** One alert of manifests/monitoring/alerts.yaml. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

const file = new URL("../../manifests/monitoring/alerts.yaml", import.meta.url);
const manifest = parse(readFileSync(file, "utf8")) as { readonly kind: string; readonly spec: RuleFile };

/** A rule file of Prometheus. */
export const ruleFile: RuleFile = manifest.spec;
export const alertRules: readonly AlertRule[] = manifest.spec.groups.flatMap(({ rules }) => rules);

/** Names of Aceso's metrics in a text of PromQL, without the suffixes of a histogram's series. */
export function metricNamesIn(expression: string): string[] {
  return [...expression.matchAll(/\baceso_[a-z_]+/g)].map(([name]) =>
    name.replace(/_seconds_(bucket|count|sum)$/, "_seconds"),
  );
}
