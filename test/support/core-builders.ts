import type { Candidate } from "../../src/core/candidate.ts";
import { crowdOf } from "../../src/core/crowd.ts";
import type { LeaseSight, NodeFacts, ObserverView, PowerReading, PowerState } from "../../src/core/model.ts";
import type { Policy } from "../../src/core/policy.ts";
import type { RepairPlan, RepairRecord } from "../../src/core/record.ts";
import { planFrom } from "../../src/core/record-changes.ts";
import type { Seen, Situation } from "../../src/core/step.ts";
import { hourMs, minuteMs, type Now, secondMs } from "../../src/core/time.ts";
import type { ClusterView, StoredRecord } from "../../src/core/view.ts";

/** The moment that the builders below mean by "now"; a day after the nodes were made. */
export const now: Now = { monoMs: 10_000_000, wallMs: 1_800_000_000_000 };
export const ago = (ms: number): number => now.monoMs - ms;

/** Defaults of facts/compat.md with a provider that can do everything. */
export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    isDryRun: false,
    silenceMs: 25 * secondMs,
    recoveryHoldMs: minuteMs,
    startupDelayMs: 30 * secondMs,
    checkDelayAfterAddMs: 5 * minuteMs,
    maxUnhealthy: { ratio: 0.4 },
    maxParallel: 3,
    maxRepairsPerHour: 20,
    stormCooldownMs: 10 * minuteMs,
    cordonedHoldMs: 10 * minuteMs,
    drainTimeoutMs: 5 * minuteMs,
    releaseTimeoutMs: 5 * minuteMs,
    rungTimeoutMs: 10 * minuteMs,
    rebuildDelayAfterRebootMs: 5 * minuteMs,
    attempts: { "soft-reboot": 1, "hard-reboot": 1, "power-cycle": 2, rebuild: 1, replace: 1 },
    attemptsDecayMs: 24 * hourMs,
    ladder: { master: ["power-cycle"], worker: ["soft-reboot", "power-cycle"] },
    acceptDiskLoss: false,
    nodeSelector: {},
    monitored: { master: true, worker: true },
    etcd: "stacked",
    fencing: {
      acceptUnproven: false,
      requireReboot: true,
      powerOffTimeoutMs: 2 * minuteMs,
      offReadIntervalMs: 2 * secondMs,
      powerOnFoundOff: true,
    },
    provider: {
      id: "exec",
      capabilities: ["observe", "power-off", "power-on", "soft-reboot", "hard-reboot", "rebuild", "replace"],
    },
    ...changes,
  };
}

/** A policy without provider that accepts unproven fencing. */
export const localPolicy = (changes: Partial<Policy> = {}): Policy =>
  policy({ provider: undefined, fencing: { ...policy().fencing, acceptUnproven: true }, ...changes });

/** A Ready worker of yesterday. */
export function node(name = "n1", changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: "1",
    role: "worker",
    labels: {},
    annotations: {},
    createdAtWallMs: now.wallMs - 24 * hourMs,
    isDeleting: false,
    isUnschedulable: false,
    unschedulableSinceMonoMs: undefined,
    taints: [],
    conditions: [ready("True")],
    bootID: "boot-1",
    systemUUID: `uuid-${name}`,
    providerID: "",
    internalIP: "127.0.0.1",
    kubeletPort: 10250,
    ...changes,
  };
}

export const ready = (status: string) => ({ type: "Ready", status, reason: "", changedAtMonoMs: ago(hourMs) });
export const notReady = { conditions: [ready("Unknown")] } as const;

/** A Lease that was read now and has not changed for `ms`. */
export const still = (ms: number): LeaseSight => ({
  version: "v",
  hasMoved: true,
  changedAtMonoMs: ago(ms),
  readAtMonoMs: now.monoMs,
});

/** A fresh observer on a node of its own that sees nothing wrong. */
export function observer(instance: string, changes: Partial<ObserverView> = {}): ObserverView {
  return {
    instance,
    node: `home-of-${instance}`,
    changedAtMonoMs: ago(secondMs),
    intervalMs: 10 * secondMs,
    suspectsSelf: false,
    isTruncated: false,
    failing: [],
    unknown: [],
    ...changes,
  };
}

export const sees = (of: NodeFacts, check: string, ms = minuteMs) => ({
  node: of.name,
  nodeUid: of.uid,
  check,
  message: `${check} does not answer`,
  firstSeenMonoMs: ago(ms),
});

/** One answer of the provider, `ms` old. */
export const reading = (power: PowerState, ms: number, machine = "m1"): PowerReading => ({
  source: "exec",
  machine,
  power,
  text: power,
  askedAtMonoMs: ago(ms),
  readAtMonoMs: ago(ms),
  readAtWallMs: now.wallMs - ms,
});
export const offTwice = [reading("off", 3_000), reading("off", 500)] as const;

/** How a view is put together from lists; what is left out is a quiet cluster seen by a settled leader. */
export interface ViewParts extends Partial<Omit<ClusterView, "nodes" | "records">> {
  readonly nodes?: readonly NodeFacts[];
  readonly records?: readonly RepairRecord[];
}

export function view({ nodes = [], records = [], ...changes }: ViewParts = {}): ClusterView {
  return {
    policy: policy(),
    probes: [],
    nodes: new Map(nodes.map((it) => [it.name, it])),
    leases: new Map(nodes.map((it) => [it.name, still(secondMs)])),
    passive: new Map(),
    observers: [observer("self"), observer("other")],
    records: new Map(records.map((it): [string, StoredRecord] => [it.node, { kind: "record", record: it }])),
    readings: new Map(),
    machines: new Map(
      nodes.map((it) => [it.name, { kind: "known", machine: `m-${it.name}`, systemUUID: "", providerID: "" }]),
    ),
    cluster: { kind: "none" },
    etcd: [],
    pinnedVolumes: new Map(),
    self: { instance: "self", node: undefined, ledSinceMonoMs: ago(hourMs), wasHandedOver: false },
    lastReadAtMonoMs: ago(secondMs),
    cautiousWallMs: now.wallMs,
    ...changes,
  };
}

/** Ten well workers beside the one in question, so that no brake holds by itself. */
export const crowd = Array.from({ length: 10 }, (_, index) => node(`well-${index}`));

/** A record in the middle of a power cycle of node n1. */
export function record(changes: Partial<RepairRecord> = {}): RepairRecord {
  return {
    node: "n1",
    resourceVersion: "1",
    wishes: {},
    version: 1,
    id: "r1",
    phase: "Cordoning",
    rung: "power-cycle",
    attempt: 1,
    reason: "started",
    message: "",
    startedAtWallMs: now.wallMs - minuteMs,
    phaseStartedAtWallMs: now.wallMs - minuteMs,
    leader: "self",
    leaseTransitions: 1,
    plan: plan(),
    evidence: [],
    marks: {},
    identity: { nodeUid: "uid-n1", providerID: "", systemUUID: "uuid-n1", machine: "m-n1", bootID: "boot-1" },
    attempts: [],
    hasActed: false,
    isReleaseOverdue: false,
    history: [],
    ...changes,
  };
}

export const emptyRecord = (name: string): RepairRecord => {
  const { phase: _p, rung: _r, plan: _plan, identity: _i, ...rest } = record({ node: name, id: "", attempt: 0 });
  return { ...rest, startedAtWallMs: 0, phaseStartedAtWallMs: 0 };
};

export const plan = (changes: Partial<RepairPlan> = {}): RepairPlan => ({
  ...planFrom(policy(), "worker", "silent", false, false),
  ...changes,
});

export const cordonMark = { cordon: { wasUnschedulable: false, atWallMs: now.wallMs } } as const;
export const taintMark = { outOfService: { atWallMs: now.wallMs } } as const;

/** A silent, sick, due node that is cordoned; its machine was not looked at. */
export function seen(changes: Partial<Seen> = {}): Seen {
  return {
    node: node("n1", { ...notReady, isUnschedulable: true }),
    isSilent: true,
    isLeaseMoving: false,
    isReady: false,
    isSick: true,
    isWell: false,
    isDue: true,
    isMute: true,
    healthyForMs: 0,
    livingForMs: 0,
    leaselessForMs: 0,
    proof: undefined,
    power: undefined,
    powerText: "",
    failedAct: undefined,
    replacement: undefined,
    evictablePods: 0,
    releasablePods: 0,
    untouchedPods: 0,
    attachments: 0,
    phaseForMs: 0,
    rungForMs: 0,
    intentForMs: 0,
    resultForMs: hourMs,
    isConfirmedOff: false,
    ...changes,
  };
}

export const proven = { proof: { first: offTwice[0], last: offTwice[1] }, power: "off" } as const;
/** A node that is well and whose kubelet lives. */
export const well = {
  node: node(),
  isSilent: false,
  isLeaseMoving: true,
  isReady: true,
  isSick: false,
  isWell: true,
  isDue: false,
  isMute: false,
} as const;

/** A step's situation; no guard holds unless given. */
export function situation(
  recordChanges: Partial<RepairRecord> = {},
  seenChanges: Partial<Seen> = {},
  more: Partial<Pick<Situation, "policy" | "guard">> = {},
): Situation {
  const its = record({ marks: cordonMark, ...recordChanges });
  return {
    record: its,
    plan: its.plan ?? plan(),
    seen: seen(seenChanges),
    policy: policy(),
    guard: () => undefined,
    ...more,
  };
}

/** What a guard is asked about; the node must be in the view. */
export function candidate(of: ClusterView, name = "n1", changes: Partial<Candidate> = {}): Candidate {
  const stored = of.records.get(name);
  const facts = of.nodes.get(name);
  if (facts === undefined) throw new Error(`the view has no node ${name}`);
  return {
    view: of,
    ...crowdOf(of, now),
    node: facts,
    record: stored?.kind === "record" ? stored.record : undefined,
    mode: "silent",
    rung: "power-cycle",
    isFoundOff: false,
    startedInThisPass: [],
    ...changes,
  };
}
