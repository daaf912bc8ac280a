import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processPorts } from "../../../src/app/cli-ports.ts";
import { systemClock } from "../../../src/app/clock.ts";
import type { CliPorts } from "../../../src/cli/cli-ports.ts";
import { runCli } from "../../../src/cli/program.ts";
import { nodeDraft, nodeLeaseDraft } from "../../sim/kube/fixtures.ts";
import { microTime } from "../../sim/kube/object.ts";
import { KubeSimulator } from "../../sim/kube/simulator.ts";

const root = join(import.meta.dirname, "../../..");
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

export interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `src/main.ts` in a process of its own, without any of this process's cluster variables. */
export async function runMain(args: readonly string[], input = "", env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, "src/main.ts"), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...compileCache, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  child.stdin.end(input);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { exitCode, out, err };
}

/** Runs a command in this process, with the real adapters. @param signal Ctrl-C */
export async function runHere(args: readonly string[], signal = new AbortController().signal): Promise<Ran> {
  let [out, err] = ["", ""];
  const ports: CliPorts = {
    ...processPorts("0.0.0", signal),
    env: {},
    isInteractive: false,
    screen: () => undefined,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  };
  const exitCode = await runCli(args, ports);
  return { exitCode, out, err };
}

/** A simulated cluster on real time with Aceso's own objects in it, and a kubeconfig for people. */
export interface CliRig extends AsyncDisposable {
  readonly kube: KubeSimulator;
  readonly folder: string;
  readonly kubeconfig: string;
  /** Runs a command against the cluster, in this process. */
  aceso(...args: readonly string[]): Promise<Ran>;
}

/** Nodes n1 (silent for a minute), n2 and n3 (well); configuration without check-delay. */
export async function cliRig(config = "check-delay-after-add: 0s\n"): Promise<CliRig> {
  const kube = new KubeSimulator({ clock: systemClock });
  await kube.start();
  const { wallMs } = systemClock.now();
  for (const name of ["n1", "n2", "n3"]) {
    kube.store.put("nodes", nodeDraft(name, wallMs));
    kube.store.put("leases", nodeLeaseDraft(name, name === "n1" ? wallMs - 60_000 : wallMs));
  }
  const here = { namespace: "aceso", name: "aceso" };
  kube.store.put("daemonsets", { metadata: here, spec: { template: { spec: { containers: [{ name: "aceso" }] } } } });
  kube.store.put("configmaps", { metadata: here, data: { "config.yaml": config } });
  const times = { acquireTime: microTime(wallMs - 3_600_000), renewTime: microTime(wallMs) };
  const spec = { holderIdentity: "aceso-a_1", leaseDurationSeconds: 20, leaseTransitions: 1, ...times };
  kube.store.put("leases", { metadata: here, spec });
  const folder = await mkdtemp(join(tmpdir(), "aceso-cli-"));
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, kube.kubeconfig("person"));
  return {
    kube,
    folder,
    kubeconfig,
    aceso: (...args) => runHere([...args, "--kubeconfig", kubeconfig]),
    async [Symbol.asyncDispose]() {
      await kube.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
