import type { NodeFacts } from "./model.ts";
import type { Policy } from "./policy.ts";
import type { Marks, NodeMarks, RepairMode, RepairRecord } from "./record.ts";
import { begin, end, planFrom, type Writer } from "./record-changes.ts";
import type { WallMs } from "./time.ts";
import { isOutOfService, marksOf } from "./view.ts";

/**
 * What of ours stands on the Node, seen on the Node itself: the annotation is written in the same patch as cordon and
 * taint, so it knows more than a record whose writer died before it could say so.
 */
export function absorbMarks(record: RepairRecord, node: NodeFacts | undefined): RepairRecord {
  if (node === undefined) return record;
  // Another Node of the same name carries none of the marks that we put on the first.
  const isOther = record.identity !== undefined && node.uid !== record.identity.nodeUid;
  const known = isOther ? {} : record.marks;
  const onNode = marksOf(node);
  const ours = onNode !== undefined && onNode.repairId === record.id ? onNode.marks : undefined;
  const cordon = ours?.cordon ?? known.cordon;
  const outOfService = isOutOfService(node) ? (ours?.outOfService ?? known.outOfService) : undefined;
  const marks: Marks = { ...(cordon && { cordon }), ...(outOfService && { outOfService }) };
  return isSame(record.marks, marks) ? record : { ...record, marks };
}

/** A person's word that a machine is off ends with the first sign of life, and with another boot. */
export function withoutStaleWord(
  record: RepairRecord,
  node: NodeFacts | undefined,
  isLeaseMoving: boolean,
): RepairRecord {
  const { confirmedOff, ...rest } = record;
  if (confirmedOff === undefined) return record;
  const isOtherBoot = node !== undefined && node.bootID !== confirmedOff.bootID;
  return isLeaseMoving || isOtherBoot ? rest : record;
}

function isSame(a: Marks, b: Marks): boolean {
  return (
    (a.cordon === undefined) === (b.cordon === undefined) &&
    a.cordon?.wasUnschedulable === b.cordon?.wasUnschedulable &&
    (a.outOfService === undefined) === (b.outOfService === undefined)
  );
}

/** What must be ours when our annotation cannot be read: the taint, surely; the cordon may be a person's and stays. */
function assumedMarks(node: NodeFacts, atWallMs: WallMs): Marks {
  return {
    ...(node.isUnschedulable && { cordon: { wasUnschedulable: true, atWallMs } }),
    ...(isOutOfService(node) && { outOfService: { atWallMs } }),
  };
}

/** A lost or unreadable record made anew from what stands on the Node: held, all attempts spent. */
export function remake(
  empty: RepairRecord,
  node: NodeFacts,
  reason: "record-lost" | "record-invalid",
  message: string,
  policy: Policy,
  writer: Writer,
  id: string,
  wallMs: WallMs,
): RepairRecord {
  const onNode: NodeMarks | undefined = marksOf(node);
  const mode: RepairMode = policy.provider === undefined ? "unproven" : "silent";
  const begun = begin(
    empty,
    {
      id: onNode?.repairId || id,
      node: { ...node, bootID: onNode?.bootID || node.bootID },
      plan: planFrom(policy, node.role, mode, false, false),
      rung: undefined,
      attempt: 0,
      machine: undefined,
      because: message,
      // Whether it was answered is lost with the rest: nothing is begun on an old word.
      request: empty.wishes.request?.id,
    },
    writer,
    wallMs,
  );
  const spent = policy.ladder[node.role].map((rung) => ({ rung, count: policy.attempts[rung], lastAtWallMs: wallMs }));
  const isGarbled =
    onNode !== undefined && onNode.marks.cordon === undefined && onNode.marks.outOfService === undefined;
  const marks = isGarbled ? assumedMarks(node, wallMs) : begun.marks;
  const marked = absorbMarks({ ...begun, marks, attempts: spent, hasActed: true }, node);
  return end(marked, "Held", reason, message, wallMs);
}
