import { type App, createApp } from "../../src/app/app.ts";
import { makeParts } from "../../src/app/setup.ts";
import { load } from "../../src/config/load.ts";
import { plainAccess } from "../../src/kube/kube-access.ts";
import type { Log } from "../../src/ports/log.ts";
import { startControllers } from "../sim/kube/controllers/start.ts";
import type { ApiObject } from "./api-client.ts";
import { registry } from "./config-loading.ts";
import { type HollowCluster, type HollowNodeSpec, startHollowCluster } from "./hollow/cluster.ts";
import { MachineProvider } from "./machine-provider.ts";
import { quietLog, quietMeter } from "./quiet-ports.ts";
import { type SimulatedWorld, simulatedWorld } from "./simulated-world.ts";

export interface HealingOptions {
  readonly nodes: readonly HollowNodeSpec[];
  /** Text of config.yaml. */
  readonly config?: string;
  /** False: local fencing. */
  readonly hasProvider?: boolean;
  readonly log?: Log;
}

/** One replica of Aceso in this process. */
export interface Replica {
  readonly app: App;
  readonly name: string;
  /** Graceful stop. */
  stop(): Promise<void>;
  readonly over: Promise<void>;
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
  kube.store.put("daemonsets", { metadata: { name: "aceso", namespace: "aceso" }, spec: {}, status: {} });
  const provider = new MachineProvider(() => cluster.machines, clock);
  const running = new Map<string, { readonly end: AbortController; readonly replica: Replica }>();
  kube.onKill((instance) => running.get(instance)?.end.abort());
  await clock.runUntil(
    () => cluster.nodes.every((it) => isReady(kube.store.get("nodes", it.name))),
    60_000,
    "Ready nodes",
  );

  const startReplica = async (name: string, nodeName?: string): Promise<Replica> => {
    const log = options.log ?? quietLog;
    const config = load(options.config ?? briskConfig, {
      file: "config.yaml",
      registry,
      layers: { env: {}, flags: {} },
    });
    const made = await makeParts({ config, registry }, { clock, log });
    const hasProvider = options.hasProvider !== false;
    const policy = hasProvider
      ? {
          ...made.policy,
          provider,
          ladder: {
            master: config.policy.ladder.master ?? ["power-cycle" as const],
            worker: config.policy.ladder.worker ?? ["power-cycle" as const],
          },
        }
      : made.policy;
    const app = createApp({
      config,
      parts: { ...made, provider: hasProvider ? provider : undefined, policy },
      clock,
      log,
      meter: quietMeter,
      access: plainAccess(kube.urls, world.agent(name)),
      namespace: "aceso",
      daemonSet: "aceso",
      nodeName,
      instance: name,
      dial: async (host) => {
        const node = cluster.nodes.find(
          (it) => kube.store.get("nodes", it.name)?.status.addresses?.[0]?.address === host,
        );
        return node === undefined || node.machine.face === "mute" ? "silent" : "answered";
      },
    });
    const end = new AbortController();
    const over = app.run(end.signal).catch(() => undefined);
    const replica: Replica = {
      app,
      name,
      over,
      async stop() {
        end.abort();
        await clock.runUntil(() => !running.has(name), 60_000, `the end of ${name}`);
      },
    };
    running.set(name, { end, replica });
    void over.then(() => running.delete(name));
    return replica;
  };

  return {
    world,
    cluster,
    provider,
    startReplica,
    kill: (replica) => kube.kill(replica.name),
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
      for (const { end } of running.values()) end.abort();
      await cluster.stop();
      stop.abort();
      await controllers;
      await world[Symbol.asyncDispose]();
    },
  };
}

function isReady(node: ApiObject): boolean {
  return node?.status?.conditions?.some((it: ApiObject) => it.type === "Ready" && it.status === "True") === true;
}
