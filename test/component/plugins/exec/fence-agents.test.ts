import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Act, Provider } from "../../../../src/plugin-api/index.ts";
import { makeExec, node } from "./rig.ts";

const fenceDummy = ["/usr/sbin/fence_dummy", "/sbin/fence_dummy"].find((path) => existsSync(path));
const isWanted = process.env.ACESO_E2E === "all";
if (fenceDummy === undefined) {
  process.stderr.write("SKIPPED: real fence agents. To run these tests: apt-get install fence-agents\n");
}

test.runIf(isWanted)("the machine has ClusterLabs' fence agents, as ACESO_E2E=all demands", () => {
  expect(fenceDummy, "apt-get install fence-agents").toBeDefined();
});

describe.skipIf(fenceDummy === undefined)("with ClusterLabs' fence_dummy", () => {
  let folder = "";
  const never = new AbortController().signal;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aceso-fence-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const make = (statusFile: string, section: object = {}): Promise<Provider> =>
    makeExec({ protocol: "fence-agent", command: [fenceDummy], options: { status_file: statusFile, ...section } });
  const act = (fields: Partial<Act> = {}): Act => ({
    machine: "n1",
    node,
    id: "i",
    timeoutMs: 60_000,
    signal: never,
    mayAct: async () => {},
    ...fields,
  });

  test("reads on and off, switches off and on again", async () => {
    const file = join(folder, "status");
    await writeFile(file, "on");
    const provider = await make(file);
    expect((await provider.observe("n1", node, never)).power).toBe("on");
    await provider.powerOff?.(act());
    expect(await readFile(file, "utf8")).toBe("off");
    expect((await provider.observe("n1", node, never)).power).toBe("off");
    await provider.powerOn?.(act());
    expect((await provider.observe("n1", node, never)).power).toBe("on");
  });

  test("an option that the agent refuses makes an unknown outcome, with the agent's own words", async () => {
    const provider = await make(join(folder, "status"), { random_sleep_range: "soon" });
    const seen = await provider.observe("n1", node, never);
    expect(seen.power).toBe("unknown");
    expect(seen.text).toMatch(/^exit 1: /);
    await expect(provider.powerOff?.(act())).rejects.toMatchObject({ remedy: "re-read" });
  });

  test("an agent that hangs is killed at the act's deadline, and its outcome is unknown", async () => {
    const pipe = join(folder, "never-written");
    execFileSync("mkfifo", [pipe]);
    const provider = await make(pipe);
    await expect(provider.powerOff?.(act({ timeoutMs: 1_500 }))).rejects.toMatchObject({ remedy: "re-read" });
  });
});
