import type { RepairRecord } from "../core/record.ts";
import type { StoredRecord } from "../ports/repairs.ts";

/**
 * Whether what is stored already says what was to be written: same repair, phase, intent and result. Then a write whose
 * answer was lost, or that met a conflict with itself, counts as done.
 */
export function saysTheSame(
  stored: StoredRecord | undefined,
  wanted: RepairRecord,
): stored is StoredRecord & { kind: "record" } {
  if (stored?.kind !== "record") return false;
  const { record } = stored;
  return (
    record.id === wanted.id &&
    record.phase === wanted.phase &&
    record.intent?.id === wanted.intent?.id &&
    record.result?.id === wanted.result?.id &&
    record.result?.outcome === wanted.result?.outcome &&
    record.leader === wanted.leader &&
    record.leaseTransitions === wanted.leaseTransitions &&
    record.reason === wanted.reason &&
    record.handledRequest === wanted.handledRequest &&
    record.phaseStartedAtWallMs === wanted.phaseStartedAtWallMs
  );
}
