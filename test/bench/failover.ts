import type { AcesoProcess } from "../support/aceso-process.ts";
import { type Scenario, startScenario } from "../support/e2e-stage/scenario.ts";
import { eventually } from "../support/eventually.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { seconds, spread } from "./figures.ts";

interface Election {
  readonly name: string;
  readonly durationMs: number;
  readonly settings: Readonly<Record<string, string>>;
}

const shortened: Election = {
  name: "shortened, 12 s",
  durationMs: 12_000,
  settings: { "lease-duration": "12s", "renew-deadline": "10s", "retry-period": "2s" },
};
const stock: Election = {
  name: "default, 20 s",
  durationMs: 20_000,
  settings: { "lease-duration": "20s", "renew-deadline": "15s", "retry-period": "5s" },
};
const signals = ["SIGTERM", "SIGKILL"] as const;
const checks = [{ type: "NodeLease", params: { "unhealthy-duration": "10s" } }];
/** A follower has read the Lease by then. */
const settledMs = 3_000;
const patience = { withinMs: 90_000, everyMs: 5 };

interface Change {
  /** From the signal to the new leader's first line. */
  readonly leadsMs: number;
  /** From the signal to its first question to the machine's owner, or its first write to the repair. */
  readonly actsMs: number;
}

async function run({ isShort, say, program }: BenchOptions): Promise<readonly Table[]> {
  const command = await program();
  const rows: string[][] = [];
  for (const election of isShort ? [shortened] : [shortened, stock]) {
    const found = await measure(election, isShort ? 1 : 4, command, say);
    for (const signal of signals) {
      const its = found.get(signal) ?? [];
      const budget = signal === "SIGTERM" ? "1 s" : seconds(election.durationMs + 2_000);
      const leads = spread(
        its.map((it) => it.leadsMs),
        seconds,
      );
      rows.push([
        election.name,
        signal,
        leads,
        spread(
          its.map((it) => it.actsMs),
          seconds,
        ),
        budget,
      ]);
    }
  }
  return [
    {
      title: `The leader ends while a machine is being powered off (${isShort ? "one" : "4"} each)`,
      columns: ["lease", "signal", "another leads after", "and acts after", "budget"],
      rows,
      notes: [
        "Acts: asks the machine's owner about the repair it took over, or writes to its record. Real API server; both replicas on one machine.",
        "Others: magnum-auto-healer loses its memory, Asklepios has no election.",
      ],
    },
  ];
}

async function measure(
  election: Election,
  rounds: number,
  command: readonly string[],
  say: (line: string) => void,
): Promise<ReadonlyMap<NodeJS.Signals, readonly Change[]>> {
  const usual = { leaseIntervalMs: 1_000 };
  const nodes = ["n1", "n2", "n3"].map((name) => ({ ...usual, name }));
  const scene = await startScenario({
    nodes: [...nodes, { ...usual, name: "patient", powerOffMs: 3_600_000 }],
    command,
    config: {
      "cloud-provider": "exec",
      exec: { protocol: "json", operations: ["identify", "observe", "power-off", "power-on"] },
      silence: "6s",
      "startup-delay": "0s",
      "check-delay-after-add": "0s",
      fencing: { "power-off-timeout": "1h" },
      "leader-election": election.settings,
      healthcheck: { master: checks, worker: checks },
    },
  });
  try {
    let leader = await scene.startReplica({ name: "replica-0" });
    await leader.line(/"leads"/, { withinMs: 60_000 });
    await isBeingPoweredOff(scene);
    const found = new Map<NodeJS.Signals, Change[]>(signals.map((signal) => [signal, []]));
    for (let round = 1; round <= rounds * signals.length; round += 1) {
      const signal = signals[round % signals.length] ?? "SIGKILL";
      const next = await scene.startReplica({ name: `replica-${round}` });
      await next.line(/"started"/, { withinMs: 60_000 });
      // not always at the same moment between two renewals
      await sleep(settledMs + Math.random() * 2_000);
      const change = await failover(scene, leader, next, signal);
      say(`${election.name}, ${signal}: leads after ${seconds(change.leadsMs)}, acts after ${seconds(change.actsMs)}`);
      found.get(signal)?.push(change);
      leader = next;
    }
    return found;
  } finally {
    await scene.stop();
  }
}

/** The repair stays in this phase for as long as it is measured. */
async function isBeingPoweredOff(scene: Scenario): Promise<void> {
  // a leader knows a living kubelet once it saw its Lease move
  await sleep(10_000);
  scene.cluster.node("patient").machine.hang();
  await eventually("the machine is being powered off", () => scene.owner.actsOn("patient", "power-off").length > 0, {
    withinMs: 90_000,
  });
}

async function failover(
  scene: Scenario,
  leader: AcesoProcess,
  next: AcesoProcess,
  signal: NodeJS.Signals,
): Promise<Change> {
  const begun = performance.now();
  leader.signal(signal);
  await next.line(/"leads"/, patience);
  const leads = performance.now();
  const firstAct = () => {
    const asked = scene.owner.operations.find((it) => it.atMonoMs >= leads)?.atMonoMs;
    const written = scene.recorder.of("NodeRepair").find((it) => it.receivedAtMonoMs >= leads)?.receivedAtMonoMs;
    return asked === undefined && written === undefined
      ? undefined
      : Math.min(asked ?? Number.POSITIVE_INFINITY, written ?? Number.POSITIVE_INFINITY);
  };
  const acts = await eventually("the new leader acts", firstAct, patience);
  await leader.exited;
  return { leadsMs: leads - begun, actsMs: acts - begun };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const failoverBenchmark: Benchmark = {
  name: "failover",
  summary: "SIGTERM and SIGKILL of the leader → another one acts, real control plane",
  needsControlPlane: true,
  run,
};
