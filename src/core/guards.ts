import type { NodeHealth } from "./health.ts";
import { type Hold, hold } from "./hold.ts";
import type { NodeFacts, NodeName, Rung } from "./model.ts";
import { pauseOf } from "./pause.ts";
import type { NodeLimit } from "./policy.ts";
import { type Effect, isActive, type RepairMode, type RepairRecord } from "./record.ts";
import { attemptKey } from "./step.ts";
import { hourMs, minuteMs, type Now, secondMs } from "./time.ts";
import type { ClusterView } from "./view.ts";
import { freshObservers } from "./votes.ts";

/** Longest time without a successful read after which nothing is decided (DESIGN promise 11). */
export const readableForMs = 15 * secondMs;

/** One node that something might be done to, and everything a guard may ask. */
export interface Candidate {
  readonly view: ClusterView;
  readonly health: ReadonlyMap<NodeName, NodeHealth>;
  readonly node: NodeFacts;
  readonly record: RepairRecord | undefined;
  readonly mode: RepairMode;
  readonly rung: Rung | undefined;
  /** Its machine reads off, and not by our act. */
  readonly isFoundOff: boolean;
  /** Repairs begun earlier in the same pass; they count against the brakes. */
  readonly startedInThisPass: readonly NodeFacts[];
}

/** A reason not to act, or undefined. Small, pure, one rule each; the order of the lists below is the order of answers. */
export type Guard = (it: Candidate, now: Now) => Hold | undefined;

export const apiReadable = ({ view }: Pick<Candidate, "view">, now: Now): Hold | undefined =>
  view.lastReadAtMonoMs === undefined || now.monoMs - view.lastReadAtMonoMs > readableForMs
    ? hold("api-unreadable")
    : undefined;

const selected: Guard = ({ view, node }) => {
  const missing = Object.entries(view.policy.nodeSelector).find(([key, value]) => node.labels[key] !== value);
  if (missing !== undefined) return hold("not-selected", `It lacks ${missing[0]}=${missing[1]}.`);
  return view.policy.monitored[node.role] ? undefined : hold("not-selected", `Role ${node.role} is not monitored.`);
};

const taintHeeded: Guard = ({ view }) => (view.isServerTooOld === true ? hold("server-too-old") : undefined);

const notSkipped: Guard = ({ node }) =>
  node.taints.some((it) => it.key === "node.kubernetes.io/asklepios" && it.value === "skip")
    ? hold("skip-taint")
    : undefined;

const notDeleting: Guard = ({ node }) => (node.isDeleting ? hold("deleting") : undefined);

/** Marks of the Kubernetes cluster autoscaler and of Karpenter on a node that they are about to remove. */
const autoscalerTaints = [
  "ToBeDeletedByClusterAutoscaler",
  "DeletionCandidateOfClusterAutoscaler",
  "karpenter.sh/disrupted",
];
const notAutoscaled: Guard = ({ node }) => {
  const mark = node.taints.find((it) => autoscalerTaints.includes(it.key));
  return mark === undefined ? undefined : hold("autoscaler", `Taint ${mark.key}.`);
};

const notPaused: Guard = ({ view, node, record }, now) => {
  const pause = pauseOf(node, record, view);
  if (pause === undefined) return undefined;
  const leftMs = pause.untilWallMs === undefined ? undefined : pause.untilWallMs - view.cautiousWallMs;
  return hold(
    "paused",
    `Pause of the ${pause.scope}: ${pause.text}.`,
    leftMs === undefined ? undefined : now.monoMs + leftMs,
  );
};

export const notDryRun = ({ view }: Pick<Candidate, "view">): Hold | undefined =>
  view.policy.isDryRun ? hold("dry-run") : undefined;

const oldEnough: Guard = ({ view, node }, now) => {
  const leftMs = view.policy.checkDelayAfterAddMs - (view.cautiousWallMs - node.createdAtWallMs);
  return leftMs > 0 ? hold("check-delay-after-add", undefined, now.monoMs + leftMs) : undefined;
};

const settledIn: Guard = ({ view }, now) => {
  const until = view.self.ledSinceMonoMs + view.policy.startupDelayMs;
  return !view.self.wasHandedOver && now.monoMs < until ? hold("startup-delay", undefined, until) : undefined;
};

const notInMaintenance: Guard = ({ view, node, health, record }, now) => {
  const since = node.unschedulableSinceMonoMs;
  if (since === undefined || record?.marks.cordon?.wasUnschedulable === false) return undefined;
  const firstFinding = Math.min(...(health.get(node.name)?.findings.map((it) => it.sinceMonoMs) ?? []));
  const lease = view.leases.get(node.name);
  const illSince = Math.min(firstFinding, lease?.changedAtMonoMs ?? Number.POSITIVE_INFINITY);
  const until = (Number.isFinite(illSince) ? Math.max(since, illSince) : since) + view.policy.cordonedHoldMs;
  return now.monoMs < until ? hold("maintenance", undefined, until) : undefined;
};

/** How many nodes a limit allows: a share is rounded down, and always allows one. */
export function limitOf(limit: NodeLimit, nodes: number): number {
  return "count" in limit ? limit.count : Math.max(1, Math.floor(limit.ratio * nodes));
}

export const fewEnoughSick = ({ view, health }: Pick<Candidate, "view" | "health">): Hold | undefined => {
  const sick = [...health.values()].filter((it) => it.isSick).length;
  const allowed = limitOf(view.policy.maxUnhealthy, view.nodes.size);
  return sick > allowed
    ? hold("max-unhealthy", `${sick} of ${view.nodes.size} are ill, ${allowed} allowed.`)
    : undefined;
};

const parallelPhases: readonly string[] = ["Cordoning", "Draining", "Fencing", "Releasing", "Restoring"];

function recordsOf(view: ClusterView): RepairRecord[] {
  return [...view.records.values()].flatMap((it) => (it.kind === "record" ? [it.record] : []));
}

/** Whether a repair began before this one; one that has not begun is behind all. */
function isAhead(other: RepairRecord, own: RepairRecord | undefined): boolean {
  if (own === undefined || !isActive(own) || other.startedAtWallMs < own.startedAtWallMs) return true;
  return other.startedAtWallMs === own.startedAtWallMs && other.node < own.node;
}

/** Counts the repairs that are ahead of this one, so that two over a lowered limit do not wait for each other for ever. */
const freeSlot: Guard = ({ view, node, record, startedInThisPass }) => {
  const ahead = recordsOf(view).filter(
    (it) => it.node !== node.name && parallelPhases.includes(it.phase ?? "") && isAhead(it, record),
  );
  const taken = ahead.length + startedInThisPass.length;
  return taken >= view.policy.maxParallel ? hold("max-parallel", `${taken} under way.`) : undefined;
};

const hourlyBudget: Guard = ({ view, startedInThisPass }) => {
  const since = view.cautiousWallMs - hourMs;
  const starts = recordsOf(view).flatMap((it) => [
    ...(isActive(it) && it.startedAtWallMs > since ? [`${it.node}@${it.startedAtWallMs}`] : []),
    ...it.history.filter((past) => past.startedAtWallMs > since).map((past) => `${it.node}@${past.startedAtWallMs}`),
  ]);
  const begun = new Set(starts).size + startedInThisPass.length;
  return begun >= view.policy.maxRepairsPerHour ? hold("max-repairs-per-hour", `${begun} began.`) : undefined;
};

/** DESIGN promise 8. A repair may begin on what was found off: switching on and freeing what is proven off is always allowed. */
const controlPlaneSafeToStart: Guard = (it, now) => (it.isFoundOff ? undefined : controlPlaneSafe(it, now));

/** DESIGN promise 8, for what ends or risks a running machine. */
const controlPlaneSafe: Guard = ({ view, health, node, record: own, startedInThisPass }, now) => {
  if (node.role !== "master") return undefined;
  const masters = [...view.nodes.values()]
    .filter((it) => it.role === "master")
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const others = masters.filter((it) => it.name !== node.name);
  const busy = others.find((it) => {
    const record = view.records.get(it.name);
    if (startedInThisPass.includes(it)) return true;
    return (
      record?.kind === "record" && isActive(record.record) && (isAhead(record.record, own) || isDown(record.record))
    );
  });
  if (busy !== undefined) return hold("control-plane-busy", `${busy.name} is under repair.`);
  if (view.policy.etcd === "external") return otherReplicaFresh(view, node, now);
  const ready = others.filter((it) => health.get(it.name)?.isReady === true && health.get(it.name)?.isSilent === false);
  if (ready.length * 2 <= masters.length) {
    return hold("control-plane-quorum", `${ready.length} of ${masters.length} would be Ready.`);
  }
  if (view.etcd === undefined) return hold("control-plane-unreadable");
  const members = view.etcd.filter((it) => it.node !== node.name && it.isReady).length;
  if (view.etcd.length > 0 && members * 2 <= view.etcd.length) {
    return hold("control-plane-quorum", `${members} of ${view.etcd.length} etcd pods would be Ready.`);
  }
  return otherReplicaFresh(view, node, now);
};

const phasesDown: readonly string[] = ["Releasing", "Restoring", "Recovering"];

/** Whether a repair's machine is down, or was asked to go down, in its present attempt. */
function isDown(record: RepairRecord): boolean {
  if (phasesDown.includes(record.phase ?? "")) return true;
  return record.phase === "Fencing" && record.intent?.id.startsWith(`${attemptKey(record)}/power-off`) === true;
}

/** Undefined when another replica, not on this node, is fresh; else the hold. */
export function otherReplicaFresh(view: ClusterView, node: NodeFacts, now: Now): Hold | undefined {
  const isFreshElsewhere = freshObservers(view.observers, now).some(
    (it) => it.instance !== view.self.instance && it.node !== node.name && it.node !== view.self.node,
  );
  return isFreshElsewhere ? undefined : hold("no-other-replica");
}

const notOwnNode: Guard = ({ view, node }) => (view.self.node === node.name ? hold("own-node") : undefined);

const machineKnown: Guard = ({ view, node, mode, record }) => {
  if (mode === "unproven" || view.policy.provider === undefined) return undefined;
  if (view.changedIdentities?.has(node.name) === true) {
    return hold(
      "identity-changed",
      "Its provider id, system UUID or aceso.dev/machine changed while it was not Ready.",
    );
  }
  const claim = view.machines.get(node.name);
  if (claim?.kind !== "known") return hold("machine-unknown", claim?.problem);
  const claims = [...view.machines].flatMap(([name, it]) =>
    name !== node.name && it.kind === "known" && it.machine === claim.machine ? [name] : [],
  );
  const twin = claims.sort()[0];
  if (twin !== undefined) return hold("machine-unknown", `${twin} claims ${claim.machine} too.`);
  const frozen = record?.identity?.machine;
  const isSameNode = record?.identity?.nodeUid === node.uid && isActive(record);
  if (isSameNode && frozen !== undefined && frozen !== claim.machine) {
    return hold("identity-changed", `It was ${frozen}, now ${claim.machine}.`);
  }
  return undefined;
};

/** A person's word that a machine is off counts this long (DESIGN §4). */
export const confirmationMs = 10 * minuteMs;

function isConfirmedOff(view: ClusterView, node: NodeFacts, record: RepairRecord | undefined): boolean {
  const request = record?.wishes.request;
  if (request?.kind === "confirm-off" && request.id !== record?.handledRequest && request.bootId === node.bootID)
    return true;
  const confirmed = record?.confirmedOff;
  return confirmed?.bootID === node.bootID && view.cautiousWallMs - confirmed.atWallMs < confirmationMs;
}

const unprovenAllowed: Guard = ({ view, node, mode, health, record }) => {
  if (mode !== "unproven" || isConfirmedOff(view, node, record)) return undefined;
  if (!view.policy.fencing.acceptUnproven) return hold("unproven-not-accepted");
  const it = health.get(node.name);
  if (it?.isReady === true) return hold("still-ready");
  return it?.isMute === true ? undefined : hold("answers-network");
};

const diskFree: Guard = ({ view, node, rung }) => {
  if ((rung !== "rebuild" && rung !== "replace") || view.policy.acceptDiskLoss) return undefined;
  if (node.role === "master" && view.policy.etcd === "stacked") return hold("etcd-stacked");
  const keep = node.annotations["aceso.dev/keep-disk"];
  if (keep !== undefined && keep !== "false") return hold("local-data", "The Node says aceso.dev/keep-disk.");
  const pinned = view.pinnedVolumes.get(node.name);
  if (pinned === undefined) return hold("local-data", "Its PersistentVolumes could not be read.");
  return pinned.length > 0 ? hold("local-data", `PersistentVolume ${pinned.slice(0, 3).join(", ")}.`) : undefined;
};

/** Asked before a repair begins. */
export const startGuards: readonly Guard[] = [
  apiReadable,
  taintHeeded,
  selected,
  notSkipped,
  notDeleting,
  notAutoscaled,
  notPaused,
  oldEnough,
  settledIn,
  notInMaintenance,
  unprovenAllowed,
  machineKnown,
  fewEnoughSick,
  controlPlaneSafeToStart,
  freeSlot,
  hourlyBudget,
  notDryRun,
];

const everyAct: readonly Guard[] = [apiReadable, notSkipped, notDeleting, notAutoscaled, notPaused, notDryRun];
const everyDestruction: readonly Guard[] = [...everyAct, notOwnNode, machineKnown, fewEnoughSick, freeSlot];

/** Asked right before each effect of a repair. Giving back (untaint, uncordon) is never held. */
const actGuards: Readonly<Record<Effect, readonly Guard[]>> = {
  cordon: everyAct,
  drain: everyAct,
  "power-off": [...everyDestruction, diskFree, controlPlaneSafe],
  taint: [...everyDestruction, taintHeeded, unprovenAllowed, unprovenControlPlaneSafe()],
  "force-delete": everyDestruction,
  "power-on": everyAct,
  "soft-reboot": [...everyDestruction, controlPlaneSafe],
  "hard-reboot": [...everyDestruction, controlPlaneSafe],
  rebuild: [...everyDestruction, diskFree, controlPlaneSafe],
  replace: [...everyDestruction, diskFree, controlPlaneSafe],
  untaint: [],
  uncordon: [],
};

/** Without proof a taint on a control-plane node is as risky as switching it off. */
function unprovenControlPlaneSafe(): Guard {
  return (it, now) => (it.mode === "unproven" ? controlPlaneSafe(it, now) : undefined);
}

/** The first reason not to begin a repair. */
export function holdForStart(it: Candidate, now: Now): Hold | undefined {
  return firstHold(startGuards, it, now);
}

/** The first reason not to run this effect now. */
export function holdForEffect(effect: Effect, it: Candidate, now: Now): Hold | undefined {
  return firstHold(actGuards[effect], it, now);
}

function firstHold(guards: readonly Guard[], it: Candidate, now: Now): Hold | undefined {
  for (const guard of guards) {
    const found = guard(it, now);
    if (found !== undefined) return found;
  }
  return undefined;
}
