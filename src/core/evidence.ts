import type { RepairRecord } from "./record.ts";
import { evidenceOf, withEvidence } from "./record-changes.ts";
import type { Seen } from "./step.ts";
import type { WallMs } from "./time.ts";

/**
 * The record with what makes the out-of-service taint right at this moment: two reads, or that nobody can prove it
 * (DESIGN promise 1). A person's word was written down when it was given.
 */
export function withTaintEvidence(record: RepairRecord, seen: Seen, wallMs: WallMs): RepairRecord {
  if (seen.proof !== undefined) {
    return withEvidence(record, [evidenceOf(seen.proof.first), evidenceOf(seen.proof.last)]);
  }
  if (seen.isConfirmedOff || record.plan?.mode !== "unproven") return record;
  return withEvidence(record, [
    {
      source: "observers",
      machine: String(record.identity?.machine ?? record.node),
      value: "unproven",
      text: "silent, not Ready, and nothing on its address answers",
      readAtWallMs: wallMs,
    },
  ]);
}
