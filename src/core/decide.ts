import type { Candidate } from "./candidate.ts";
import { type Crowd, crowdOf } from "./crowd.ts";
import { holdForStart, holdsForStart, readableForMs } from "./guards.ts";
import { otherReplicaFresh } from "./guards-control-plane.ts";
import type { NodeHealth } from "./health.ts";
import { type Hold, type HoldReason, hold, holdReasons } from "./hold.ts";
import { chooseRung } from "./ladder.ts";
import type { Finding, NodeFacts, NodeName, Rung } from "./model.ts";
import { openRequest, requestEndsAt } from "./open-request.ts";
import { nextReadAt } from "./proof.ts";
import { isActive, type Phase, type RepairMode, type RepairRecord } from "./record.ts";
import type { MonoMs, Now } from "./time.ts";
import { type ClusterView, isOutOfService, marksOf, recordOf } from "./view.ts";

/** What to do about one node. Doing nothing is an action with a reason. */
export type Action =
  | { readonly kind: "start"; readonly node: NodeFacts; readonly start: RepairStart; readonly because: string }
  | { readonly kind: "hold"; readonly node: NodeFacts; readonly hold: Hold; readonly because: string }
  /** A check fails or the node is silent, but not for long enough. */
  | {
      readonly kind: "watch";
      readonly node: NodeFacts;
      readonly because: string;
      readonly dueAtMonoMs: MonoMs | undefined;
    }
  /** The node carries our marks and its record does not say why. */
  | { readonly kind: "adopt-marks"; readonly node: NodeFacts; readonly because: string }
  /** The leader's own node is the patient: another replica must lead. */
  | { readonly kind: "hand-over"; readonly node: NodeFacts; readonly because: string }
  /** A repair is under way or held; the repair machine decides. */
  | { readonly kind: "repairing"; readonly node: NodeFacts; readonly phase: Phase; readonly because: string };

/** How a repair is to begin. */
export interface RepairStart {
  readonly mode: RepairMode;
  readonly rung: Rung | undefined;
  readonly attempt: number;
  readonly isFoundOff: boolean;
  /** Id of the request that this answers, if a person asked. */
  readonly request: string | undefined;
}

export interface Decision {
  /** What was counted for it. */
  readonly crowd: Crowd;
  /** One for each node that is not plainly well, in name order. */
  readonly actions: readonly Action[];
  /** Nodes whose machine should be looked at: silent ones, and those that a repair could begin on. */
  readonly look: readonly NodeName[];
  /** Nodes whose Lease may have been still for `silence` since it was last read: read it again to know. */
  readonly listen: readonly NodeName[];
  /** When to decide again though nothing changes; later than now, or undefined. */
  readonly recheckAtMonoMs: MonoMs | undefined;
}

/**
 * Chooses what to do now. Pure: the same view and time give the same decision, whatever the order of the nodes.
 * A view that has not been read for 15 s gives holds only.
 */
export function decide(view: ClusterView, now: Now): Decision {
  const crowd = crowdOf(view, now);
  const { health } = crowd;
  const nodes = [...view.nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const started: NodeFacts[] = [];
  const actions: Action[] = [];
  for (const node of nodes) {
    const action = actionFor(node, view, crowd, started, now);
    if (action === undefined) continue;
    if (action.kind === "start") started.push(node);
    actions.push(action);
  }
  const look = view.policy.provider === undefined ? [] : nodes.filter((it) => isWorthALook(it, view, health, now));
  return {
    crowd,
    actions,
    look: look.map((it) => it.name),
    listen: nodes.filter((it) => mayBeSilent(it.name, view, health, now)).map((it) => it.name),
    recheckAtMonoMs: nextExpiry(view, health, actions, now),
  };
}

function isWorthALook(
  node: NodeFacts,
  view: ClusterView,
  health: ReadonlyMap<NodeName, NodeHealth>,
  now: Now,
): boolean {
  const its = health.get(node.name);
  if (its === undefined) return false;
  return its.isSilent || its.due.length > 0 || pendingRequest(recordOf(view, node.name), now) !== undefined;
}

function mayBeSilent(name: NodeName, view: ClusterView, health: ReadonlyMap<NodeName, NodeHealth>, now: Now): boolean {
  const lease = view.leases.get(name);
  if (lease === undefined || health.get(name)?.isSilent === true) return false;
  return now.monoMs - lease.changedAtMonoMs >= view.policy.silenceMs;
}

function actionFor(
  node: NodeFacts,
  view: ClusterView,
  crowd: Crowd,
  startedInThisPass: readonly NodeFacts[],
  now: Now,
): Action | undefined {
  const its = crowd.health.get(node.name);
  if (its === undefined) return undefined;
  const stored = view.records.get(node.name);
  if (stored?.kind === "unreadable") {
    const reason = stored.unreadable.isNewer ? "record-newer" : "record-invalid";
    return { kind: "hold", node, hold: hold(reason, stored.unreadable.problem), because: "record" };
  }
  const record = recordOf(view, node.name);
  if (record !== undefined && (isActive(record) || record.phase === "Held")) {
    return { kind: "repairing", node, phase: record.phase ?? "Held", because: record.message };
  }
  if (marksOf(node) !== undefined) return { kind: "adopt-marks", node, because: "our marks without a record" };
  const request = pendingRequest(record, now);
  const because = reasonOf(its, request !== undefined);
  if (because === undefined) {
    if (isOutOfService(node))
      return { kind: "hold", node, hold: hold("orphan-taint"), because: "out-of-service taint" };
    return undefined;
  }
  const isFoundOff = its.isSilent && its.isProvenOff;
  if (its.due.length === 0 && !isFoundOff && request === undefined) {
    return { kind: "watch", node, because, dueAtMonoMs: its.dueAtMonoMs };
  }
  const plan = planFor(node, its, view, record, isFoundOff);
  if ("reason" in plan) return { kind: "hold", node, hold: plan, because };
  const { mode, rung, attempt } = plan;
  const candidate: Candidate = { ...crowd, view, node, record, mode, rung, isFoundOff, startedInThisPass };
  const held = holdForStart(candidate, now);
  if (held !== undefined) return { kind: "hold", node, hold: held, because };
  if (view.self.node === node.name) {
    const alone = otherReplicaFresh(view, node, now);
    if (alone !== undefined) return { kind: "hold", node, hold: hold("own-node"), because };
    return { kind: "hand-over", node, because };
  }
  return { kind: "start", node, start: { mode, rung, attempt, isFoundOff, request }, because };
}

/** Every reason for which no repair of a sick node begins, but for what else begins in the same pass. */
export function startHolds(node: NodeFacts, view: ClusterView, crowd: Crowd, now: Now): HoldReason[] {
  const its = crowd.health.get(node.name);
  if (its === undefined) return [];
  const record = recordOf(view, node.name);
  const isFoundOff = its.isSilent && its.isProvenOff;
  const plan = planFor(node, its, view, record, isFoundOff);
  if ("reason" in plan) return [];
  const candidate: Candidate = { ...crowd, view, node, record, isFoundOff, startedInThisPass: [], ...plan };
  return holdsForStart(candidate, now).map((it) => it.reason);
}

/** Mode and first rung of a repair, or why there is none. */
function planFor(
  node: NodeFacts,
  its: NodeHealth,
  view: ClusterView,
  record: RepairRecord | undefined,
  isFoundOff: boolean,
): { readonly mode: RepairMode; readonly rung: Rung | undefined; readonly attempt: number } | Hold {
  if (view.policy.provider === undefined) {
    return its.isSilent ? { mode: "unproven", rung: undefined, attempt: 0 } : hold("no-capability");
  }
  const mode = its.isSilent ? "silent" : "living";
  const ladder = view.policy.ladder[node.role];
  const chosen = chooseRung(ladder, undefined, its.isSilent, record?.attempts ?? [], view.policy, view.cautiousWallMs);
  if (chosen !== undefined) return { mode, ...chosen };
  // A machine found off still gets its pods freed; the repair itself then ends as held.
  if (isFoundOff) return { mode, rung: "power-cycle", attempt: view.policy.attempts["power-cycle"] + 1 };
  return ladder.length === 0 ? hold("no-capability", "The ladder is empty.") : hold("ladder-exhausted");
}

/** A person's request for a repair that nobody answered yet. */
function pendingRequest(record: RepairRecord | undefined, now: Now): string | undefined {
  const request = openRequest(record, now.wallMs);
  return request?.kind === "repair" ? request.id : undefined;
}

function describe(finding: Finding): string {
  return `${finding.check}: ${finding.message}`;
}

function reasonOf(its: NodeHealth, isRequested: boolean): string | undefined {
  if (its.findings.length > 0) return its.findings.map(describe).join("; ");
  if (its.isSilent) return `kubelet Lease unchanged for ${Math.round((its.silentForMs ?? 0) / 1000)} s`;
  return isRequested ? "asked for by a person" : undefined;
}

function nextExpiry(
  view: ClusterView,
  health: ReadonlyMap<NodeName, NodeHealth>,
  actions: readonly Action[],
  now: Now,
): MonoMs | undefined {
  const times = [...health.values()].flatMap((it) => it.dueAtMonoMs ?? []);
  for (const [name, lease] of view.leases) {
    if (health.get(name)?.isSilent === false) times.push(lease.changedAtMonoMs + view.policy.silenceMs);
  }
  for (const stored of view.records.values()) {
    if (stored.kind === "record") times.push(requestEndsAt(stored.record, now) ?? Number.NaN);
  }
  for (const action of actions) {
    if (action.kind === "hold" && action.hold.untilMonoMs !== undefined) times.push(action.hold.untilMonoMs);
    if (action.kind !== "repairing") times.push(nextReadAt(view.readings.get(action.node.name) ?? []) ?? Number.NaN);
  }
  if (view.lastReadAtMonoMs !== undefined) times.push(view.lastReadAtMonoMs + readableForMs + 1);
  const later = times.filter((at) => at > now.monoMs);
  return later.length === 0 ? undefined : Math.min(...later);
}

/** The reason of a hold action, for metrics; undefined for other actions. */
export function holdReasonOf(action: Action): HoldReason | undefined {
  return action.kind === "hold" && action.hold.reason in holdReasons ? action.hold.reason : undefined;
}
