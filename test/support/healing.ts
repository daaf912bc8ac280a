import type { Parts } from "../../src/app/setup.ts";
import type { Config } from "../../src/config/config.ts";
import { toPolicy } from "../../src/config/to-policy.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Meter } from "../../src/ports/meter.ts";
import { startControllers } from "../sim/kube/controllers/start.ts";
import type { ApiObject } from "./api-client.ts";
import { type HollowCluster, type HollowNodeSpec, startHollowCluster } from "./hollow/cluster.ts";
import { HollowReplacer, type ReplacerOptions } from "./hollow-replacer.ts";
import { MachineProvider } from "./machine-provider.ts";
import { type Replica, replicasIn } from "./replicas-in-process.ts";
import { type SimulatedWorld, simulatedWorld } from "./simulated-world.ts";

export interface HealingOptions {
  readonly nodes: readonly HollowNodeSpec[];
  /** Text of config.yaml. */
  readonly config?: string;
  /** False: local fencing. */
  readonly hasProvider?: boolean;
  /** The provider's replacements are followed. */
  readonly replacing?: ReplacerOptions;
  readonly log?: Log;
  /** What a replica counts with; nothing where nothing is said. */
  readonly meterOf?: (name: string) => Meter;
}

/** A simulated cluster with hollow machines, and replicas of the real program on it, all on one virtual clock. */
export interface Healing extends AsyncDisposable {
  readonly world: SimulatedWorld;
  readonly cluster: HollowCluster;
  readonly provider: MachineProvider;
  startReplica(name: string, nodeName?: string): Promise<Replica>;
  /** The server hears nothing more of it from this byte on; its signal aborts without clean-up. */
  kill(replica: Replica): void;
  repair(node: string): ApiObject | undefined;
  node(name: string): ApiObject | undefined;
  /** Runs time until the node's repair is in this phase. */
  untilPhase(node: string, phase: string, limitMs?: number): Promise<void>;
}

/** Checks and holds that a test need not wait for. */
export const briskConfig = `
check-delay-after-add: 0s
startup-delay: 0s
recovery-hold: 10s
silence: 15s
rung-timeout: 2m
healthcheck:
  master:
    - {type: NodeLease, params: {unhealthy-duration: 30s}}
    - {type: NodeCondition, params: {unhealthy-duration: 2m}}
  worker:
    - {type: NodeLease, params: {unhealthy-duration: 30s}}
    - {type: NodeCondition, params: {unhealthy-duration: 2m}}
`;

export async function startHealing(options: HealingOptions): Promise<Healing> {
  const world = await simulatedWorld();
  const { clock, kube } = world;
  const stop = new AbortController();
  const cluster = await startHollowCluster({ api: world.api, nodes: options.nodes, clock, network: "none" });
  const controllers = startControllers(kube, stop.signal);
  const provider = new MachineProvider(() => cluster.machines, clock);
  if (options.replacing !== undefined) provider.replacement = new HollowReplacer(cluster, clock, options.replacing);
  const replicas = replicasIn({
    world,
    config: options.config ?? briskConfig,
    log: options.log,
    meterOf: options.meterOf,
    dial: async (host) => {
      const at = (name: string) => kube.store.get("nodes", name)?.status.addresses?.[0]?.address;
      const node = cluster.nodes.find((it) => at(it.name) === host);
      return node === undefined || node.machine.face === "mute" ? "silent" : "answered";
    },
    ...(options.hasProvider !== false && { change: withProvider(provider) }),
  });
  await clock.runUntil(
    () => cluster.nodes.every((it) => isReady(kube.store.get("nodes", it.name))),
    60_000,
    "Ready nodes",
  );

  return {
    world,
    cluster,
    provider,
    startReplica: replicas.start,
    kill: replicas.kill,
    repair: (node) => kube.store.get("noderepairs", node),
    node: (name) => kube.store.get("nodes", name),
    async untilPhase(node, phase, limitMs = 600_000) {
      await clock.runUntil(
        () => kube.store.get("noderepairs", node)?.status?.phase === phase,
        limitMs,
        `${node} in ${phase}`,
      );
    },
    async [Symbol.asyncDispose]() {
      replicas.abort();
      await cluster.stop();
      stop.abort();
      await controllers;
      await world[Symbol.asyncDispose]();
    },
  };
}

function withProvider(provider: MachineProvider) {
  return (made: Parts, config: Config): Parts => ({ ...made, provider, policy: toPolicy(config, provider) });
}

function isReady(node: ApiObject): boolean {
  return node?.status?.conditions?.some((it: ApiObject) => it.type === "Ready" && it.status === "True") === true;
}
