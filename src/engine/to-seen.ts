import type { Candidate } from "../core/candidate.ts";
import { crowdOf } from "../core/crowd.ts";
import { confirmationMs } from "../core/guards.ts";
import { healthOf, type NodeHealth } from "../core/health.ts";
import type { NodeFacts } from "../core/model.ts";
import { freshPower, proofOfOff } from "../core/proof.ts";
import type { RepairRecord } from "../core/record.ts";
import type { ReplacementSeen, Seen } from "../core/step.ts";
import type { Now } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import type { PodFacts } from "../ports/node-control.ts";
import { isEvictable, isReleasable } from "./pods.ts";
import type { FollowRead } from "./replacements.ts";
import { progressKeys } from "./sights.ts";
import type { Shift } from "./world.ts";

const confirmedFact = ({ confirmedOff }: RepairRecord) => `confirmed ${confirmedOff?.atWallMs ?? ""}`;
const replacementFact = (read: FollowRead | undefined) => `replacement ${read?.of} ${read?.state}`;
const successorFact = (read: FollowRead | undefined) => `successor ${read?.successorNode}`;

/** What is true of a repair now, whose ages its rules ask for. */
export function factsOf(
  shift: Shift,
  record: RepairRecord,
  its: NodeHealth | undefined,
  view: ClusterView,
): Record<string, boolean> {
  const keys = progressKeys(record);
  const read = shift.replacements?.last(record);
  const successor = read?.successorNode === undefined ? undefined : view.nodes.get(read.successorNode);
  const successorHealth = successor && healthOf(successor, view, shift.clock.now());
  return {
    [replacementFact(read)]: read !== undefined && read.state !== "unreadable",
    [successorFact(read)]: successorHealth?.isWell === true,
    [keys.phase]: true,
    [keys.rung]: keys.rung !== "",
    [keys.intent]: true,
    [keys.result]: true,
    healthy: its?.isWell === true,
    living: its?.isLeaseMoving === true,
    leaseless: its !== undefined && !view.leases.has(record.node),
    [confirmedFact(record)]: record.confirmedOff !== undefined,
  };
}

/** What the rules see. @param ageOf how long a fact of `factsOf` has been true */
export function toSeen(
  shift: Shift,
  record: RepairRecord,
  node: NodeFacts | undefined,
  its: NodeHealth | undefined,
  pods: readonly PodFacts[],
  attachments: number,
  view: ClusterView,
  ageOf: (fact: string) => number,
): Seen {
  const keys = progressKeys(record);
  const now = shift.clock.now();
  const readings = view.readings.get(record.node) ?? [];
  const isUnreadable = shift.machines?.isUnreadable(record.node) === true;
  const releasable = pods.filter((it) => isReleasable(it, record));
  const reading = readings.at(-1);
  const resultForMs = ageOf(keys.result);
  const isOfLastAct = reading !== undefined && now.monoMs - reading.askedAtMonoMs < resultForMs;
  return {
    node,
    isSilent: its?.isSilent ?? true,
    isLeaseMoving: its?.isLeaseMoving ?? false,
    isReady: its?.isReady ?? false,
    isSick: its?.isSick ?? true,
    isWell: its?.isWell ?? false,
    isDue: its === undefined || its.due.length > 0,
    isMute: its?.isMute ?? false,
    healthyForMs: ageOf("healthy"),
    livingForMs: ageOf("living"),
    leaselessForMs: ageOf("leaseless"),
    proof: proofOfOff(readings, now, view.policy.fencing.offReadIntervalMs),
    power: isUnreadable ? "unreadable" : freshPower(readings, now),
    powerText: reading?.text ?? "",
    failedAct: isOfLastAct && !isUnreadable ? reading.failedAct : undefined,
    replacement: replacementSeen(shift, record, ageOf),
    evictablePods: pods.filter(isEvictable).length,
    releasablePods: releasable.length,
    untouchedPods: releasable.filter((it) => !it.isTerminating && !it.toleratesOutOfService).length,
    attachments,
    phaseForMs: ageOf(keys.phase),
    rungForMs: ageOf(keys.rung),
    intentForMs: ageOf(keys.intent),
    resultForMs,
    isConfirmedOff:
      record.confirmedOff !== undefined &&
      node?.bootID === record.confirmedOff.bootID &&
      ageOf(confirmedFact(record)) < confirmationMs &&
      view.cautiousWallMs - record.confirmedOff.atWallMs < confirmationMs &&
      (its?.isSilent ?? false),
  };
}

function replacementSeen(
  shift: Shift,
  record: RepairRecord,
  ageOf: (fact: string) => number,
): ReplacementSeen | undefined {
  const read = shift.replacements?.last(record);
  if (read === undefined) return undefined;
  return {
    state: read.state,
    stateForMs: ageOf(replacementFact(read)),
    isOldGone: shift.replacements?.isOldGone(record) === true,
    successor: read.successor,
    successorNode: read.successorNode,
    successorHealthyForMs: ageOf(successorFact(read)),
    text: read.text,
  };
}

export function candidateOf(view: ClusterView, record: RepairRecord, node: NodeFacts, now: Now): Candidate {
  return {
    view,
    ...crowdOf(view, now),
    node,
    record,
    mode: record.plan?.mode ?? "silent",
    rung: record.rung,
    isFoundOff: record.plan?.foundOff ?? false,
    startedInThisPass: [],
  };
}
