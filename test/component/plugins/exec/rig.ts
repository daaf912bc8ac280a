import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import exec from "../../../../plugins/providers/exec/index.ts";
import { systemClock } from "../../../../src/app/clock.ts";
import { validateParams } from "../../../../src/config/params.ts";
import type { NodeIdentity, Provider } from "../../../../src/plugin-api/index.ts";
import type { ProviderRig } from "../../../support/provider-contract.ts";
import { recordingLog } from "../../../support/recording-log.ts";

export const node: NodeIdentity = {
  name: "n1",
  uid: "uid-1",
  providerID: "exec://n1",
  systemUUID: "0000-1",
  internalIP: "127.0.0.1",
  machineAnnotation: undefined,
};

/** @param section the `exec:` section as in YAML */
export async function makeExec(section: object): Promise<Provider> {
  const { values, problems } = validateParams(exec.params, section);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return await exec.create(values, { clock: systemClock, log: recordingLog(), clusterName: undefined });
}

/** The test program as provider, with its files in a folder of its own. */
export async function execRig(section: object = {}): Promise<ProviderRig & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-exec-"));
  await writeFile(join(folder, "power"), "on");
  const program = fileURLToPath(new URL("machine.ts", import.meta.url));
  const operations = ["identify", "observe", "power-off", "power-on", "hard-reboot"];
  const provider = await makeExec({ command: [process.execPath, program, folder], operations, ...section });
  const setMode = (mode: string) => writeFile(join(folder, "mode"), mode);
  return {
    provider,
    node,
    folder,
    stranger: { ...node, name: "stranger" },
    clock: systemClock,
    power: async () => ((await readFile(join(folder, "power"), "utf8")) === "off" ? "off" : "on"),
    acts: async () => (await readFile(join(folder, "acts"), "utf8").catch(() => "")).split("\n").length - 1,
    makeOwnerSilent: () => setMode("silent"),
    makeOwnerTalkNonsense: () => setMode("nonsense"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
