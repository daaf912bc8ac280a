import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type AlertRule, alertRules, ruleFile } from "../../support/alert-rules.ts";
import { promtool } from "../../support/promtool.ts";
import { type AlertCase, alertCases } from "./alert-cases.ts";
import { isMissing, testThatPromtoolIsThere } from "./promtool-there.ts";

testThatPromtoolIsThere();

test.each(alertRules.map(({ alert }) => alert))(
  "%s has a case in which it fires and one in which it does not",
  (alert) => {
    const its = alertCases.filter((each) => each.alert === alert);
    expect(its.some(({ fires }) => fires !== undefined)).toBe(true);
    expect(its.some(({ fires }) => fires === undefined)).toBe(true);
  },
);

describe.skipIf(isMissing)("promtool", () => {
  let folder = "";
  /** What promtool says of each case: it begins with the name of its file. */
  let verdicts: readonly string[] = [];
  const fileOf = (its: AlertCase) => join(folder, `case-${alertCases.indexOf(its)}.yaml`);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aceso-alerts-"));
    await writeFile(join(folder, "rules.yaml"), stringify(ruleFile));
    for (const its of alertCases) await writeFile(fileOf(its), stringify(unitTest(its)));
    const { said } = await promtool(["test", "rules", ...alertCases.map(fileOf)]);
    verdicts = said.split("Unit Testing: ").map((verdict) => verdict.trim());
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test("finds the rules well formed", async () => {
    const judged = await promtool(["check", "rules", "--lint-fatal", join(folder, "rules.yaml")]);
    expect(judged).toEqual({ code: 0, said: expect.stringContaining(`${alertRules.length} rules found`) });
  });

  test.each(
    alertCases.map((its) => [its.alert, its.fires === undefined ? "does not fire" : "fires", its.when, its] as const),
  )("%s %s when %s", (_alert, _fires, _when, its) => {
    expect(verdicts.find((verdict) => verdict.startsWith(fileOf(its)))).toBe(`${fileOf(its)}\n  SUCCESS`);
  });
});

function unitTest(its: AlertCase): object {
  const rule = alertRules.find(({ alert }) => alert === its.alert);
  if (rule === undefined) throw new Error(`there is no alert ${its.alert}`);
  return {
    rule_files: ["rules.yaml"],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: Object.entries(its.series).map(([series, values]) => ({ series, values })),
        alert_rule_test: [{ eval_time: its.at, alertname: its.alert, exp_alerts: expected(rule, its) }],
      },
    ],
  };
}

function expected(rule: AlertRule, { fires }: AlertCase): object[] {
  if (fires === undefined) return [];
  const { labels = {}, shown = {} } = fires;
  const text = (template: string) =>
    template.replaceAll(/\{\{ (.+?) \}\}/g, (_whole, expression: string) => {
      const label = /^\$labels\.([a-z_]+)$/.exec(expression)?.[1];
      return (label === undefined ? shown[expression] : labels[label]) ?? `no value for ${expression}`;
    });
  const annotations = Object.entries(rule.annotations).map(([name, template]) => [name, text(template)]);
  return [{ exp_labels: { ...rule.labels, ...labels }, exp_annotations: Object.fromEntries(annotations) }];
}
