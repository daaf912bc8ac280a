import { systemClock } from "../../../src/app/clock.ts";
import type { ControlPlaneOptions } from "../control-plane/start.ts";
import type { AttacherOptions } from "../fake-csi.ts";
import { type HollowCluster, type HollowNodeSpec, startHollowCluster } from "../hollow/cluster.ts";
import { type MachinesServer, startMachinesServer } from "../hollow/machines-server.ts";
import { type Settings, type Stage, startStage } from "./stage.ts";

export interface ScenarioOptions {
  readonly plane?: ControlPlaneOptions;
  /** Nodes that are there from the start; more with `cluster.add`. */
  readonly nodes: readonly HollowNodeSpec[];
  /** Aceso's whole configuration; where it has a section `exec`, `exec.command` is added. */
  readonly config: Settings;
  readonly attacher?: AttacherOptions;
  /** How Aceso is started; from the sources where nothing is said. */
  readonly command?: readonly string[];
}

/** A real cluster of hollow machines with the manifest installed; Aceso runs as child processes with its own token. */
export interface Scenario extends Stage {
  readonly cluster: HollowCluster;
  /** The owner of the machines, with everything it was asked. */
  readonly owner: MachinesServer;
}

/** Kubelets that a test need not wait for. */
export const briskNode = { leaseIntervalMs: 1_000, bootMs: 1_500 } as const;

/** Silence that two or three lost renewals of a brisk kubelet do not reach. */
export const briskSilenceMs = 6_000;

const briskChecks = [
  { type: "NodeLease", params: { "unhealthy-duration": "10s" } },
  { type: "NodeCondition", params: { "unhealthy-duration": "30s" } },
];

/** Durations that a test need not wait for. */
export const briskConfig: Settings = {
  silence: `${briskSilenceMs}ms`,
  "recovery-hold": "4s",
  "startup-delay": "0s",
  "check-delay-after-add": "0s",
  "max-repairs-per-hour": 100,
  "leader-election": { "lease-duration": "12s", "renew-deadline": "10s", "retry-period": "2s" },
  healthcheck: { master: briskChecks, worker: briskChecks },
};

/** With a provider: the owner of the hollow machines. */
export const withProvider: Settings = {
  "cloud-provider": "exec",
  exec: { protocol: "json", operations: ["identify", "observe", "power-off", "power-on"], timeout: "10s" },
};

/** Without one: local fencing, without proof. */
export const withoutProof: Settings = { "cloud-provider": "none", fencing: { "accept-unproven": true } };

/** Starts everything but Aceso itself. */
export async function startScenario(options: ScenarioOptions): Promise<Scenario> {
  const { plane, attacher, command, nodes } = options;
  const config = (own: Settings | string | undefined) =>
    typeof own === "string" ? own : withCommand(own ?? options.config, owner);
  const stage = await startStage({ plane, attacher, command, config });
  const cluster = await startHollowCluster({ api: stage.kubelets, nodes });
  const owner = await startMachinesServer(() => cluster.machines, systemClock);
  const scenario: Scenario = {
    ...stage,
    cluster,
    owner,
    async stop() {
      await Promise.all(stage.replicas.map((replica) => replica.kill()));
      await cluster.stop();
      await owner.close();
      await stage.stop();
    },
  };
  await Promise.all(nodes.map(({ name, readyOnlyWith }) => readyOnlyWith ?? scenario.untilReady(name)));
  return scenario;
}

/** For how long the recorder has seen no change of a node's Lease. */
export function leaseAgeMs({ recorder }: Scenario, node: string): number {
  const last = recorder.of("Lease", node).at(-1);
  if (last === undefined) throw new Error(`no Lease of ${node} was seen`);
  return systemClock.now().monoMs - last.receivedAtMonoMs;
}

/** What the owner was asked to do, one line each. */
export function actsOf({ owner }: Scenario): readonly string[] {
  const acts = owner.operations.filter(({ operation }) => operation !== "identify" && operation !== "observe");
  return acts.map((it) => `${it.atMonoMs | 0} ${it.operation} ${it.machine}`);
}

/** Operations of the provider that changed a node's machine, in order. */
export function actsOn({ owner }: Scenario, node: string): readonly string[] {
  return owner.actsOn(node).map((it) => it.operation);
}

function withCommand(config: Settings, owner: MachinesServer): Settings {
  const { exec } = config;
  return typeof exec === "object" && exec !== null ? { ...config, exec: { ...exec, command: owner.command } } : config;
}
