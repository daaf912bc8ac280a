import { expect, test } from "vitest";
import { seen } from "../../../src/doctor/seen.ts";
import { broken, cluster, config, facts, forbidden } from "../doctor/fixtures.ts";
import { cli } from "./fake-ports.ts";

const warned = facts({ cluster: cluster({ annotations: { kind: "read", annotations: { "aceso.dev/paused": "x" } } }) });
const failed = facts({ cluster: cluster({ leader: { kind: "missing" } }) });

test.each([
  ["all is well", facts(), 0, 0],
  ["something could be better", warned, 0, 1],
  ["something cannot work", failed, 1, 1],
])("the exit code when %s", async (_, given, usual, strict) => {
  expect((await cli(["doctor"], { facts: given })).exitCode).toBe(usual);
  expect((await cli(["doctor", "--strict"], { facts: given })).exitCode).toBe(strict);
});

test("a line says level, topic and what it means, the next one what to do, the last one counts", async () => {
  const { out } = await cli(["doctor"], { facts: warned });
  const lines = out.trimEnd().split("\n");
  const at = lines.findIndex((line) => line.startsWith("warning"));
  expect(lines[at]).toMatch(/^warning {2}leader {14}the cluster is paused: x$/);
  expect(lines[at + 1]).toMatch(/^ +→ aceso resume$/);
  expect(lines.at(-1)).toMatch(/^\d+ ok, 1 warning, 0 errors$/);
});

test("what others wrote cannot move the cursor", async () => {
  const hostile = seen([{ kind: "kured" as const, where: "daemonset \u001b[2Jx\ny" }]);
  const { out } = await cli(["doctor"], { facts: facts({ cluster: cluster({ otherHealers: hostile }) }) });
  expect(out).not.toContain("\u001b");
  expect(out).toContain("daemonset  [2Jx y");
});

test("-o json holds the same, for programs", async () => {
  const { out } = await cli(["doctor", "-o", "json"], { facts: failed });
  const { summary, diagnoses } = JSON.parse(out);
  expect(summary).toMatchObject({ errors: 1, warnings: 0 });
  expect(diagnoses.find((it: { level: string }) => it.level === "error")).toEqual({
    topic: "leader",
    level: "error",
    message: expect.stringContaining("nobody leads"),
    remedy: expect.stringContaining("kubectl -n aceso logs"),
  });
});

test("the flags say what is looked at", async () => {
  const args = ["doctor", "--config", "a.yaml", "--all-machines", "-n", "heal", "--daemonset", ""];
  const { examined } = await cli(args, { facts: facts() });
  expect(examined).toMatchObject([
    { configFile: "a.yaml", asksAllMachines: true, namespace: "heal", daemonSet: undefined },
  ]);
});

test("--uninstall prints a script, or steps for programs", async () => {
  const { out, exitCode } = await cli(["doctor", "--uninstall"], { facts: facts() });
  expect([exitCode, out.split("\n")[0]]).toEqual([0, "#!/bin/sh"]);
  const { steps } = JSON.parse((await cli(["doctor", "--uninstall", "-o", "json"], { facts: facts() })).out);
  expect(steps.at(-1).commands).toEqual(["kubectl delete -f manifests/aceso.yaml --ignore-not-found"]);
});

test.each([
  ["no API server answers", facts({ cluster: undefined }), 5],
  ["the Nodes may not be read", facts({ cluster: cluster({ nodes: forbidden }) }), 4],
  ["the records cannot be read", facts({ cluster: cluster({ records: broken }) }), 5],
  ["the named file is refused", facts({ config: { ...config(), isFile: true, read: broken } }), 2],
])("--uninstall claims nothing when %s", async (_, given, code) => {
  const { exitCode, out } = await cli(["doctor", "--uninstall"], { facts: given });
  expect([exitCode, out]).toEqual([code, ""]);
});
