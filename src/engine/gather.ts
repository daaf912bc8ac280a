import type { Candidate } from "../core/candidate.ts";
import { healthOf } from "../core/health.ts";
import type { NodeFacts } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import type { Seen } from "../core/step.ts";
import type { ClusterView } from "../core/view.ts";
import type { PodFacts } from "../ports/node-control.ts";
import { askOwner, type Purpose } from "./ask-owner.ts";
import { isReleasable } from "./pods.ts";
import type { Sights } from "./sights.ts";
import { candidateOf, factsOf, toSeen } from "./to-seen.ts";
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

const podPhases: readonly string[] = ["Draining", "Releasing", "Recovering", "Held"];
/** Phases with effects whose guards ask for the control plane, and for disks. */
const controlPlanePhases: readonly string[] = ["Fencing", "Releasing", "Restoring"];
const diskPhases: readonly string[] = ["Fencing", "Restoring"];

/**
 * Reads what the record's phase needs: Node first, its Lease after it (DESIGN promise 4), then machine, pods, volumes.
 *
 * @throws AcesoError when the API server cannot be asked; nothing is decided then
 */
export async function gather(
  shift: Shift,
  sights: Sights,
  record: RepairRecord,
  purpose: Purpose = "look",
): Promise<Gathered> {
  const { clock, nodes, term } = shift;
  using deadline = clock.deadline(gatherTimeoutMs, term.signal);
  const { signal } = deadline;
  const node = await nodes.readNode(record.node, signal);
  const lease = await nodes.readLease(record.node, signal);
  const cluster = await shift.pause.read(signal);
  await askOwner(shift, record, node, purpose, signal);
  const pods = needsPods(record) ? await shift.workloads.podsOn(record.node, signal) : [];
  const attachments = needsAttachments(record) ? await countAttachments(shift, record, pods, signal) : 0;
  await readForGuards(shift, record, node, signal);
  const view = { ...viewWith(shift.view(), record, node), cluster };
  const now = clock.now();
  const its = node === undefined ? undefined : healthOf(node, view, now);
  const facts = factsOf(shift, record, its, view);
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

/** While a node is cordoned only the taint of an earlier attempt asks for its pods. */
function needsPods({ phase, marks }: RepairRecord): boolean {
  return podPhases.includes(phase ?? "") || (phase === "Cordoning" && marks.outOfService !== undefined);
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
  const phase = record.phase ?? "";
  if (node?.role === "master" && controlPlanePhases.includes(phase)) await shift.readEtcd(signal);
  const mayLoseDisk = record.rung === "rebuild" || record.rung === "replace";
  if (mayLoseDisk && diskPhases.includes(phase)) await shift.readPinnedVolumes(record.node, signal);
}

/** The view with the Node and record just read in place of the cached ones. */
function viewWith(view: ClusterView, record: RepairRecord, node: NodeFacts | undefined): ClusterView {
  const nodes = new Map(view.nodes);
  if (node === undefined) nodes.delete(record.node);
  else nodes.set(record.node, node);
  const records = new Map(view.records).set(record.node, { kind: "record", record });
  return { ...view, nodes, records };
}
