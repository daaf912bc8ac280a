import type { Candidate } from "../core/candidate.ts";
import { confirmationMs } from "../core/guards.ts";
import { healthOf, healthOfAll, type NodeHealth } from "../core/health.ts";
import type { NodeFacts } from "../core/model.ts";
import { freshPower, proofOfOff } from "../core/proof.ts";
import type { RepairRecord } from "../core/record.ts";
import type { Seen } from "../core/step.ts";
import type { ClusterView } from "../core/view.ts";
import type { PodFacts } from "../ports/node-control.ts";
import { identityOf } from "./machines.ts";
import { progressKeys, type Sights } from "./sights.ts";
import type { Shift } from "./world.ts";

/** Longest time for all reads of one step. */
const gatherTimeoutMs = 30_000;

/** The world as read live for one step of one repair. */
export interface Gathered {
  readonly seen: Seen;
  readonly node: NodeFacts | undefined;
  readonly leaseVersion: string | undefined;
  readonly pods: readonly PodFacts[];
  readonly candidate: Candidate | undefined;
  /** The view with what was just read in place of the cached values. */
  readonly view: ClusterView;
}

const needsMachine: readonly string[] = ["Fencing", "Releasing", "Restoring"];
const needsPods: readonly string[] = ["Draining", "Releasing", "Recovering", "Held"];

/**
 * Reads what the record's phase needs: Node first, its Lease after it (DESIGN promise 4), then machine, pods, volumes.
 *
 * @throws AcesoError when the API server cannot be asked; nothing is decided then
 */
export async function gather(shift: Shift, sights: Sights, record: RepairRecord): Promise<Gathered> {
  const { clock, nodes, term } = shift;
  using deadline = clock.deadline(gatherTimeoutMs, term.signal);
  const { signal } = deadline;
  const node = await nodes.readNode(record.node, signal);
  const lease = await nodes.readLease(record.node, signal);
  const cluster = await shift.pause.read(signal);
  if (needsMachine.includes(record.phase ?? "")) await readMachine(shift, record, node, signal);
  const pods = needsPods.includes(record.phase ?? "") ? await shift.workloads.podsOn(record.node, signal) : [];
  const attachments = needsAttachments(record) ? await countAttachments(shift, record, pods, signal) : 0;
  await readForGuards(shift, record, node, signal);
  const view = { ...viewWith(shift.view(), record, node), cluster };
  const now = clock.now();
  const its = node === undefined ? undefined : healthOf(node, view, now);
  const facts = factsOf(record, its);
  const ageOf = sights.note(record.node, facts, now);
  return {
    node,
    leaseVersion: lease?.version,
    pods,
    view,
    seen: toSeen(shift, record, node, its, pods, attachments, view, ageOf),
    candidate: node === undefined ? undefined : candidateOf(view, record, node, now),
  };
}

/** A machine is read at every step of the phases that depend on it: proof must be fresh at each act. */
async function readMachine(
  shift: Shift,
  record: RepairRecord,
  node: NodeFacts | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { machines } = shift;
  if (machines === undefined || record.plan?.mode === "unproven") return;
  const claim = node === undefined ? undefined : await machines.identify(node, signal);
  const machine = record.identity?.machine ?? (claim?.kind === "known" ? claim.machine : undefined);
  if (machine === undefined) return;
  const identity =
    node === undefined
      ? {
          name: record.node,
          uid: record.identity?.nodeUid ?? "",
          providerID: record.identity?.providerID ?? "",
          systemUUID: record.identity?.systemUUID ?? "",
          internalIP: undefined,
          machineAnnotation: undefined,
        }
      : identityOf(node);
  await machines.observe(machine, identity, signal);
}

function needsAttachments(record: RepairRecord): boolean {
  const isWaiting = record.phase === "Recovering" || record.phase === "Held";
  return record.phase === "Releasing" || (isWaiting && record.marks.outOfService !== undefined);
}

/** Attachments of pods that go; a pod that stays (DaemonSet, mirror) keeps as many as it has claims. */
async function countAttachments(
  shift: Shift,
  record: RepairRecord,
  pods: readonly PodFacts[],
  signal: AbortSignal,
): Promise<number> {
  const all = await shift.workloads.attachmentsOn(record.node, signal);
  const staying = pods.filter((it) => !isReleasable(it, record)).reduce((sum, it) => sum + it.claims.length, 0);
  return Math.max(0, all.length - staying);
}

async function readForGuards(
  shift: Shift,
  record: RepairRecord,
  node: NodeFacts | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (node?.role === "master") await shift.readEtcd(signal);
  if (record.rung === "rebuild" || record.rung === "replace") await shift.readPinnedVolumes(record.node, signal);
}

/**
 * Pods that must go before the machine comes back: all but DaemonSet and mirror pods. Without proof nobody deletes a
 * pod that tolerates the taint, so it is not waited for.
 */
export function isReleasable(pod: PodFacts, record: RepairRecord): boolean {
  if (pod.isDaemonSet || pod.isMirror) return false;
  return record.plan?.mode !== "unproven" || !pod.toleratesOutOfService || pod.isTerminating;
}

/** Pods that an eviction would move. */
export function isEvictable(pod: PodFacts): boolean {
  return !pod.isDaemonSet && !pod.isMirror && !pod.isTerminating && !pod.isFinished;
}

/** The view with the Node and record just read in place of the cached ones. */
function viewWith(view: ClusterView, record: RepairRecord, node: NodeFacts | undefined): ClusterView {
  const nodes = new Map(view.nodes);
  if (node === undefined) nodes.delete(record.node);
  else nodes.set(record.node, node);
  const records = new Map(view.records).set(record.node, { kind: "record", record });
  return { ...view, nodes, records };
}

function factsOf(record: RepairRecord, its: NodeHealth | undefined): Record<string, boolean> {
  const keys = progressKeys(record);
  return {
    [keys.phase]: true,
    [keys.rung]: keys.rung !== "",
    [keys.intent]: true,
    [keys.result]: true,
    healthy: its?.isWell === true,
    living: its?.isLeaseMoving === true,
    [`confirmed ${record.confirmedOff?.atWallMs ?? ""}`]: record.confirmedOff !== undefined,
  };
}

function toSeen(
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
  const confirmedFact = `confirmed ${record.confirmedOff?.atWallMs ?? ""}`;
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
    proof: proofOfOff(readings, now, view.policy.fencing.offReadIntervalMs),
    power: isUnreadable ? "unreadable" : freshPower(readings, now),
    evictablePods: pods.filter(isEvictable).length,
    releasablePods: releasable.length,
    untouchedPods: releasable.filter((it) => !it.isTerminating && !it.toleratesOutOfService).length,
    attachments,
    phaseForMs: ageOf(keys.phase),
    rungForMs: ageOf(keys.rung),
    intentForMs: ageOf(keys.intent),
    resultForMs: ageOf(keys.result),
    isConfirmedOff:
      record.confirmedOff !== undefined &&
      node?.bootID === record.confirmedOff.bootID &&
      ageOf(confirmedFact) < confirmationMs &&
      view.cautiousWallMs - record.confirmedOff.atWallMs < confirmationMs &&
      (its?.isSilent ?? false),
  };
}

function candidateOf(
  view: ClusterView,
  record: RepairRecord,
  node: NodeFacts,
  now: ReturnType<Shift["clock"]["now"]>,
): Candidate {
  return {
    view,
    health: healthOfAll(view, now),
    node,
    record,
    mode: record.plan?.mode ?? "silent",
    rung: record.rung,
    isFoundOff: record.plan?.foundOff ?? false,
    startedInThisPass: [],
  };
}
