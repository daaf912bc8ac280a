import type { Log } from "../../src/ports/log.ts";
import { startControllers } from "../sim/kube/controllers/start.ts";
import type { SimulatedCloud } from "../sim/openstack/cloud.ts";
import type { SimulatedCloudOptions } from "../sim/openstack/options.ts";
import { startSimulatedCloud } from "../sim/openstack/start.ts";
import type { ApiObject } from "./api-client.ts";
import { acceptedIn, actsIn } from "./cloud-acts.ts";
import { watchLaws } from "./cloud-laws.ts";
import { type CloudNodes, startCloudNodes } from "./cloud-nodes/cloud-nodes.ts";
import { type GuideWords, guideConfig } from "./guide-config.ts";
import type { CloudCluster, CloudServer } from "./openstack-cloud.ts";
import { loudLog, quietLog } from "./quiet-ports.ts";
import { type Replica, replicasIn } from "./replicas-in-process.ts";
import { type SimulatedWorld, simulatedWorld } from "./simulated-world.ts";

export interface CloudHealingOptions {
  /** A Magnum cluster of this size; 3 and 3 where nothing is said. */
  readonly size?: { readonly masters: number; readonly workers: number };
  /** Servers outside any cluster in its place, all workers. */
  readonly servers?: readonly string[];
  readonly cloud?: Partial<Omit<SimulatedCloudOptions, "clock">>;
  readonly words?: Partial<GuideWords> | ((cloud: SimulatedCloud, stackId: string) => Promise<Partial<GuideWords>>);
  readonly log?: Log;
}

/** A simulated cluster whose machines are servers of a simulated cloud, healed by the real program with its real plugin. */
export interface CloudHealing extends AsyncDisposable {
  readonly world: SimulatedWorld;
  readonly cloud: SimulatedCloud;
  readonly nodes: CloudNodes;
  /** As it was at the start. */
  readonly masters: readonly CloudServer[];
  readonly workers: readonly CloudServer[];
  startReplica(name: string, nodeName?: string): Promise<Replica>;
  kill(replica: Replica): void;
  /** @throws Error where there is no Magnum cluster */
  cluster(): Promise<CloudCluster>;
  repair(node: string): ApiObject | undefined;
  node(name: string): ApiObject | undefined;
  isReady(name: string): boolean;
  isTainted(name: string): boolean;
  /** Runs time until the node's repair is in one of these phases. */
  untilPhase(node: string, phase: RegExp, limitMs?: number): Promise<ApiObject>;
  /** Runs time until an event of the node says this. */
  untilTold(name: string, what: RegExp): Promise<void>;
  /** The node's events up to now, as `RepairHeld: why`. */
  told(name: string): readonly string[];
  /** Kinds of acts that the cloud has accepted up to now. */
  accepted(): readonly string[];
  /** Promises that were broken so far, one sentence each. */
  readonly broken: readonly string[];
  /** Kinds of all acts that were asked for, accepted or not. */
  asked(): readonly string[];
}

/** Durations that a test need not wait for. */
export const briskWords: Partial<GuideWords> = {
  checkDelayAfterAdd: "0s",
  more: `startup-delay: 0s
recovery-hold: 10s
max-repairs-per-hour: 100
rung-timeout: 2m
fencing: {power-off-timeout: 30s}
`,
};

export async function startCloudHealing(options: CloudHealingOptions = {}): Promise<CloudHealing> {
  const world = await simulatedWorld();
  const { clock, kube } = world;
  const cloud = await startSimulatedCloud({ clock, ...options.cloud });
  const { masters, workers, uuid, stackId } = await makeServers(cloud, options);
  const nodes = startCloudNodes({ cloud, api: world.api, clock });
  for (const { id } of masters) nodes.watchServer(id, "master");
  for (const { id } of workers) nodes.watchServer(id);
  if (uuid !== undefined) nodes.watchCluster({ name: clusterName });
  const stop = new AbortController();
  const controllers = startControllers(kube, stop.signal);
  const words = typeof options.words === "function" ? await options.words(cloud, stackId) : options.words;
  const replicas = replicasIn({
    world,
    config: guideConfig({ account: cloud.account, clusterName: uuid, ...briskWords, ...words }),
    log: options.log ?? (process.env.LOUD ? loudLog : quietLog),
    dial: async () => "silent",
  });
  const isReady = (name: string) => hasReady(kube.store.get("nodes", name));
  const all = [...masters, ...workers];
  await clock.runUntil(() => all.every(({ name }) => isReady(name)), 60_000, "Ready nodes");

  const told = (name: string) =>
    kube.store
      .list("events")
      .filter((it) => it.regarding?.kind === "Node" && it.regarding.name === name)
      .map((it) => `${it.reason}: ${it.note ?? it.message}`);

  return {
    ...{ world, cloud, nodes, masters, workers, isReady, broken: watchLaws(world, cloud, all) },
    startReplica: replicas.start,
    kill: replicas.kill,
    cluster: () => cloud.cluster(uuid ?? "none"),
    repair: (node) => kube.store.get("noderepairs", node),
    node: (name) => kube.store.get("nodes", name),
    isTainted: (name) => hasOutOfService(kube.store.get("nodes", name)),
    async untilPhase(node, phase, limitMs = 1_800_000) {
      const read = () => kube.store.get("noderepairs", node);
      await clock.runUntil(() => phase.test(read()?.status?.phase ?? ""), limitMs, `${node} in ${phase}`);
      return read()?.status;
    },
    told,
    async untilTold(name, what) {
      await clock.runUntil(() => told(name).some((text) => what.test(text)), 900_000, `an event of ${name}: ${what}`);
    },
    accepted: () => acceptedIn(cloud.calls()),
    asked: () => actsIn(cloud.calls()).map(({ kind }) => kind),
    async [Symbol.asyncDispose]() {
      replicas.abort();
      await nodes.stop();
      stop.abort();
      await controllers;
      await cloud[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

const clusterName = "k8s";

async function makeServers(cloud: SimulatedCloud, { servers, size = { masters: 3, workers: 3 } }: CloudHealingOptions) {
  if (servers !== undefined) {
    const workers: CloudServer[] = [];
    for (const name of servers) workers.push(await cloud.createServer(name));
    return { masters: [], workers, uuid: undefined, stackId: "" };
  }
  const { uuid, stackId, masters, workers } = await cloud.createCluster({ name: clusterName, ...size });
  return { masters, workers, uuid, stackId };
}

function hasReady(node: ApiObject | undefined): boolean {
  return node?.status?.conditions?.some((it: ApiObject) => it.type === "Ready" && it.status === "True") === true;
}

function hasOutOfService(node: ApiObject | undefined): boolean {
  return (node?.spec.taints ?? []).some((taint: ApiObject) => taint.key === "node.kubernetes.io/out-of-service");
}
