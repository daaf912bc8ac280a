import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/app/clock.ts";
import { startControllers } from "../sim/kube/controllers/start.ts";
import { statefulSetDraft } from "../sim/kube/fixtures.ts";
import { KubeSimulator } from "../sim/kube/simulator.ts";
import { eventually } from "../support/eventually.ts";
import { InProcessApi } from "../support/in-process-api.ts";
import { configText } from "./configuration.ts";
import { durations } from "./durations.ts";
import { startExecMachines } from "./exec-machines.ts";
import type { Machines, ProviderName } from "./machines.ts";
import { startOpenStackMachines } from "./openstack-machines.ts";

/** The simulated cluster: API server, controllers, six nodes with machines, some pods. Aceso is not in it. */
export interface DemoWorld extends AsyncDisposable {
  readonly kube: KubeSimulator;
  readonly machines: Machines;
  /** config.yaml of the replicas. */
  readonly configFile: string;
  /** Writes the kubeconfig of one client. @returns its path */
  kubeconfigFile(client: string): Promise<string>;
}

export const namespace = "aceso";
export const daemonSet = "aceso";

const startMachines: Readonly<Record<ProviderName, (api: InProcessApi) => Promise<Machines>>> = {
  exec: startExecMachines,
  openstack: startOpenStackMachines,
};

/** Starts it; resolves when every node is Ready and every pod runs. */
export async function startWorld(provider: ProviderName): Promise<DemoWorld> {
  const parts = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "aceso-demo-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const kube = new KubeSimulator({ clock: systemClock });
    await kube.start();
    parts.defer(() => kube.stop());
    const stop = new AbortController();
    parts.defer(() => stop.abort());
    const machines = parts.use(await startMachines[provider](new InProcessApi(kube)));
    const { graceMs, detachMs } = durations;
    startControllers(kube, stop.signal, { graceMs, detachMs });
    await eventually("six Ready nodes", () => readyNodes(kube) === machines.names.length);
    putWorkloads(kube);
    await eventually("running pods", () => areAllRunning(kube));
    const configFile = join(folder, "config.yaml");
    await writeFile(configFile, configText(machines.config));
    return {
      kube,
      machines,
      configFile,
      async kubeconfigFile(client) {
        const file = join(folder, `${client}.kubeconfig`);
        await writeFile(file, kube.kubeconfig(client), { mode: 0o600 });
        return file;
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

function putWorkloads({ store }: KubeSimulator): void {
  // its annotations pause everything; without it Aceso takes itself for paused
  store.put("daemonsets", { metadata: { name: daemonSet, namespace }, spec: {}, status: {} });
  store.put("statefulsets", statefulSetDraft("db", 2, { hasVolumes: true }));
  store.put("statefulsets", statefulSetDraft("web", 4));
}

function readyNodes({ store }: KubeSimulator): number {
  return store
    .list("nodes")
    .filter((node) =>
      node.status?.conditions?.some(
        (each: { type: string; status: string }) => each.type === "Ready" && each.status === "True",
      ),
    ).length;
}

function areAllRunning({ store }: KubeSimulator): boolean {
  const pods = store.list("pods");
  return pods.length === 6 && pods.every((pod) => pod.status?.phase === "Running");
}
