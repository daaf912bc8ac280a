import { type Candidate, type Guard, isAhead } from "./candidate.ts";
import { controlPlaneSafe, controlPlaneSafeIfUnproven, controlPlaneSafeToStart } from "./guards-control-plane.ts";
import {
  notAskedYet,
  notBeingMade,
  ownerAllowsAnything,
  ownerAllowsDestruction,
  ownerAllowsPowerOn,
  ownerAllowsStart,
  replacementsInTurn,
} from "./guards-owner.ts";
import { type Hold, hold } from "./hold.ts";
import type { NodeFacts, NodeName } from "./model.ts";
import { openRequest } from "./open-request.ts";
import { pauseOf, pauseText } from "./pause.ts";
import type { NodeLimit } from "./policy.ts";
import { type Effect, isActive, type RepairRecord } from "./record.ts";
import { hourMs, minuteMs, type Now, secondMs } from "./time.ts";
import { type ClusterView, recordOf } from "./view.ts";

/** Longest time without a successful read after which nothing is decided (DESIGN promise 11). */
export const readableForMs = 15 * secondMs;

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
  return hold("paused", pauseText(pause), leftMs === undefined ? undefined : now.monoMs + leftMs);
};

/** Asked last, so that it can tell what would be done. */
const notDryRunToStart: Guard = ({ view, rung }) => {
  const way = rung ?? "fenced locally, without proof";
  return view.policy.isDryRun ? hold("dry-run", `Else a repair would begin now (${way}).`) : undefined;
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

const fewEnoughSick: Guard = ({ view, sickCount }) => {
  const allowed = limitOf(view.policy.maxUnhealthy, view.nodes.size);
  return sickCount > allowed
    ? hold("max-unhealthy", `${sickCount} of ${view.nodes.size} are ill, ${allowed} allowed.`)
    : undefined;
};

/** Counts the repairs that are ahead of this one, so that two over a lowered limit do not wait for each other for ever. */
const freeSlot: Guard = ({ view, inSlots, node, record, startedInThisPass }) => {
  const ahead = inSlots.filter((it) => it.node !== node.name && isAhead(it, record));
  const taken = ahead.length + startedInThisPass.length;
  return taken >= view.policy.maxParallel ? hold("max-parallel", `${taken} under way.`) : undefined;
};

const hourlyBudget: Guard = ({ view, startsOfHour, startedInThisPass }, now) => {
  const begun = startsOfHour.length + startedInThisPass.length;
  if (begun < view.policy.maxRepairsPerHour) return undefined;
  const last = startsOfHour[begun - view.policy.maxRepairsPerHour];
  const until = last === undefined ? undefined : now.monoMs + last - (view.cautiousWallMs - hourMs);
  return hold("max-repairs-per-hour", `${begun} began.`, until);
};

const notOwnNode: Guard = ({ view, node }) => (view.self.node === node.name ? hold("own-node") : undefined);

const machineKnown: Guard = ({ view, claimants, node, mode, record }) => {
  if (mode === "unproven" || view.policy.provider === undefined) return undefined;
  if (view.changedIdentities?.has(node.name) === true) {
    return hold(
      "identity-changed",
      "Its provider id, system UUID or aceso.dev/machine changed while it was not Ready.",
    );
  }
  const claim = view.machines.get(node.name);
  if (claim === undefined) return hold("machine-unknown", notAskedYet);
  if (claim.kind !== "known") return hold("machine-unknown", claim.problem);
  // What a Node claimed that is gone, as after a new name for the same machine, counts no more.
  const isThere = (name: NodeName) => view.nodes.has(name) || isActive(recordOf(view, name));
  const twin = claimants.get(claim.machine)?.find((name) => name !== node.name && isThere(name));
  if (twin !== undefined) return hold("machine-unknown", `${twin} claims ${claim.machine} too.`);
  const frozen = record?.identity?.machine;
  // Also when another Node took the name: what this repair would hit is the machine that it began with.
  if (isActive(record) && frozen !== undefined && frozen !== claim.machine) {
    return hold("identity-changed", `It was ${frozen}, now ${claim.machine}.`);
  }
  return undefined;
};

/** A person's word that a machine is off counts this long (DESIGN §4). */
export const confirmationMs = 10 * minuteMs;

function isConfirmedOff(view: ClusterView, node: NodeFacts, record: RepairRecord | undefined, now: Now): boolean {
  const request = openRequest(record, now.wallMs);
  if (request?.kind === "confirm-off" && request.bootId === node.bootID) return true;
  const confirmed = record?.confirmedOff;
  return confirmed?.bootID === node.bootID && view.cautiousWallMs - confirmed.atWallMs < confirmationMs;
}

const unprovenAllowed: Guard = ({ view, node, mode, health, record }, now) => {
  if (mode !== "unproven" || isConfirmedOff(view, node, record, now)) return undefined;
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
  notBeingMade,
  unprovenAllowed,
  machineKnown,
  ownerAllowsStart,
  fewEnoughSick,
  controlPlaneSafeToStart,
  freeSlot,
  hourlyBudget,
  notDryRunToStart,
];

const everyAct: readonly Guard[] = [
  apiReadable,
  notSkipped,
  notDeleting,
  notAutoscaled,
  notPaused,
  ownerAllowsAnything,
  notDryRun,
];
const everyDestruction: readonly Guard[] = [...everyAct, notOwnNode, machineKnown, fewEnoughSick, freeSlot];
/** What the machine's owner must allow besides. */
const ownersDestruction: readonly Guard[] = [...everyDestruction, ownerAllowsDestruction];

/** Asked right before each effect of a repair. Giving back (untaint, uncordon) is never held. */
const actGuards: Readonly<Record<Effect, readonly Guard[]>> = {
  cordon: everyAct,
  drain: everyAct,
  "power-off": [...ownersDestruction, diskFree, controlPlaneSafe],
  taint: [...everyDestruction, taintHeeded, unprovenAllowed, controlPlaneSafeIfUnproven],
  "force-delete": everyDestruction,
  "power-on": [...everyAct, ownerAllowsPowerOn],
  "soft-reboot": [...ownersDestruction, controlPlaneSafe],
  "hard-reboot": [...ownersDestruction, controlPlaneSafe],
  rebuild: [...ownersDestruction, diskFree, controlPlaneSafe],
  replace: [...ownersDestruction, diskFree, controlPlaneSafe, replacementsInTurn],
  "delete-node": [apiReadable, notSkipped, notPaused, ownerAllowsAnything, notDryRun],
  untaint: [],
  uncordon: [],
};

/** The first reason not to begin a repair. */
export function holdForStart(it: Candidate, now: Now): Hold | undefined {
  return firstHold(startGuards, it, now);
}

/** Every reason not to begin a repair, in the order in which they are asked. */
export function holdsForStart(it: Candidate, now: Now): Hold[] {
  return startGuards.flatMap((guard) => guard(it, now) ?? []);
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
