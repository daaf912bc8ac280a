import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { loadText } from "../../support/config-loading.ts";

interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
}

const manifest = readFileSync(new URL("../../../manifests/aceso.yaml", import.meta.url), "utf8");
const objects = parseAllDocuments(manifest).map((document) => document.toJS() as Manifest | null);
const text =
  objects.find((each) => each?.kind === "ConfigMap" && each.data?.["config.yaml"])?.data?.["config.yaml"] ?? "";

test("the manifest's configuration loads and asks for nothing to be done yet", () => {
  const config = loadText(text);
  expect(config.policy.isDryRun).toBe(true);
  expect(config.policy.fencing.acceptUnproven).toBe(false);
});

test("every example in its comments loads when it is switched on", () => {
  const keyOrItem = /^# (\s*(?:[a-z-]+:(?: |$)|- \{).*)$/;
  const switchedOn = text
    .split("\n")
    .map((line) => keyOrItem.exec(line)?.[1] ?? line)
    .join("\n");
  const config = loadText(switchedOn);
  expect(config.provider?.id).toBe("exec");
  expect(config.checks.worker.map((check) => check.id)).toEqual(["NodeLease", "NodeCondition", "Endpoint"]);
});
