import { eventOfPhase, eventReasons } from "../core/event-reasons.ts";
import { holdReasons } from "../core/hold.ts";
import type { RepairRecord } from "../core/record.ts";
import { measureRepair, measureResult } from "./repair-metrics.ts";
import type { Shift } from "./world.ts";

/** Tells people what changed in a repair: one event a phase and a *new* hold reason, a log line, counters. */
export function announce(shift: Shift, before: RepairRecord | undefined, after: RepairRecord): void {
  const isNewPhase = before?.phase !== after.phase || before?.id !== after.id;
  const isNewReason = before?.reason !== after.reason && after.reason in holdReasons;
  if (!isNewPhase && !isNewReason) return;
  const fields = {
    node: after.node,
    repair: after.id,
    phase: after.phase,
    rung: after.rung,
    attempt: after.attempt,
    reason: after.reason,
    evidence: after.evidence.at(-1)?.text,
  };
  if (isNewPhase) shift.log.info(fields, `${after.node} enters ${after.phase}: ${after.message}`);
  else shift.log.info(fields, `${after.node} in ${after.phase}: ${after.message}`);
  measureRepair(shift.meter, before, after);
  const reason = isNewPhase && after.phase !== undefined ? eventOfPhase(after.phase) : "RepairHeldBack";
  shift.events.record({
    node: after.node,
    nodeUid: after.identity?.nodeUid ?? "",
    type: eventReasons[reason].type,
    reason,
    action: after.phase ?? "",
    note: isNewPhase ? `${after.message}${proofText(after)}` : after.message,
  });
}

function proofText(record: RepairRecord): string {
  if (record.phase !== "Releasing") return "";
  if (record.plan?.mode === "unproven") return " (unproven: no provider can say whether the machine is off)";
  const last = record.evidence.at(-1);
  return last === undefined ? "" : ` (evidence: ${last.source} says of ${last.machine}: ${last.text})`;
}

/** Announces how an effect ended. */
export function announceResult(shift: Shift, record: RepairRecord): void {
  const { result } = record;
  if (result === undefined) return;
  const fields = {
    node: record.node,
    repair: record.id,
    effect: result.effect,
    outcome: result.outcome,
    id: result.id,
  };
  measureResult(shift.meter, record);
  if (result.outcome === "done") shift.log.info(fields, `${result.effect} on ${record.node}: ${result.message}`);
  else shift.log.warn(fields, `${result.effect} on ${record.node} (${result.outcome}): ${result.message}`);
}
