import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/app/clock.ts";
import { startControllers } from "../sim/kube/controllers/start.ts";
import { statefulSetDraft } from "../sim/kube/fixtures.ts";
import { KubeSimulator } from "../sim/kube/simulator.ts";
import { eventually } from "../support/eventually.ts";
import { type HollowCluster, startHollowCluster } from "../support/hollow/cluster.ts";
import { type MachinesServer, startMachinesServer } from "../support/hollow/machines-server.ts";
import { InProcessApi } from "../support/in-process-api.ts";
import { configText } from "./configuration.ts";
import { durations } from "./durations.ts";

/** The simulated cluster: API server, controllers, six nodes with machines, some pods. Aceso is not in it. */
export interface DemoWorld extends AsyncDisposable {
  readonly kube: KubeSimulator;
  readonly cluster: HollowCluster;
  readonly owner: MachinesServer;
  /** config.yaml of the replicas. */
  readonly configFile: string;
  /** Writes the kubeconfig of one client. @returns its path */
  kubeconfigFile(client: string): Promise<string>;
}

export const namespace = "aceso";
export const daemonSet = "aceso";

const masters = ["cp-1", "cp-2", "cp-3"];
const workers = ["worker-1", "worker-2", "worker-3"];
const masterTaint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

/** Starts it; resolves when every node is Ready and every pod runs. */
export async function startWorld(): Promise<DemoWorld> {
  const parts = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "aceso-demo-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const kube = new KubeSimulator({ clock: systemClock });
    await kube.start();
    parts.defer(() => kube.stop());
    const stop = new AbortController();
    parts.defer(() => stop.abort());
    const cluster = await startHollowCluster({ api: new InProcessApi(kube), nodes: nodeSpecs(), network: "none" });
    parts.defer(() => cluster.stop());
    const owner = await startMachinesServer(() => cluster.machines, systemClock);
    parts.defer(() => owner.close());
    const { graceMs, detachMs } = durations;
    startControllers(kube, stop.signal, { graceMs, detachMs });
    await eventually("six Ready nodes", () => readyNodes(kube) === masters.length + workers.length);
    putWorkloads(kube);
    await eventually("running pods", () => areAllRunning(kube));
    const configFile = join(folder, "config.yaml");
    await writeFile(configFile, configText(owner.command));
    return {
      kube,
      cluster,
      owner,
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

function nodeSpecs() {
  const { leaseIntervalMs, bootMs, powerOffMs } = durations;
  const common = { leaseIntervalMs, bootMs, powerOffMs, terminationMs: 500 };
  return [
    ...masters.map((name) => ({ ...common, name, role: "master" as const, taints: [masterTaint] })),
    ...workers.map((name) => ({ ...common, name })),
  ];
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
