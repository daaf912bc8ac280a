import { eventOfPhase, eventReasons } from "../core/event-reasons.ts";
import { type HoldReason, holdReasons } from "../core/hold.ts";
import { phaseTexts } from "../core/phase-texts.ts";
import type { Phase, RepairRecord } from "../core/record.ts";
import { measureRepair, measureResult } from "./repair-metrics.ts";
import type { Shift } from "./world.ts";

/** Tells people what changed in a repair: one event a phase and a *new* hold reason, a log line, counters. */
export function announce(shift: Shift, before: RepairRecord | undefined, after: RepairRecord): void {
  const { phase, reason, message } = after;
  if (phase === undefined) return;
  const isNewPhase = before?.phase !== phase || before.id !== after.id;
  const hold = isHoldReason(reason) ? reason : undefined;
  if (!isNewPhase && (hold === undefined || before?.reason === reason)) return;
  const fields = {
    node: after.node,
    repair: after.id,
    phase,
    rung: after.rung,
    attempt: after.attempt,
    reason,
    evidence: after.evidence.at(-1)?.text,
  };
  shift.log.info(fields, `${after.node} ${isNewPhase ? "enters" : "in"} ${phase}: ${message}`);
  measureRepair(shift.meter, before, after);
  const event = isNewPhase ? eventOfPhase(phase) : "RepairHeldBack";
  shift.events.record({
    node: after.node,
    nodeUid: after.identity?.nodeUid ?? "",
    type: eventReasons[event].type,
    reason: event,
    // part of what makes two notes one Event: another reason is another Event
    action: hold === undefined ? phase : `${phase}-${hold}`,
    note: isNewPhase ? phaseNote(phase, after) : `${reason}: ${message}`,
    record: after,
    ...(hold !== undefined && { hold }),
  });
}

function isHoldReason(reason: string): reason is HoldReason {
  return Object.hasOwn(holdReasons, reason);
}

/** `worker-1 is being fenced: its machine must read off, twice (cordoned)`. */
function phaseNote(phase: Phase, record: RepairRecord): string {
  return `${record.node} ${phaseTexts[phase].doing} (${record.message}${proofText(record)})`;
}

function proofText(record: RepairRecord): string {
  if (record.phase !== "Releasing") return "";
  if (record.plan?.mode === "unproven") return "; unproven: no provider can say whether the machine is off";
  const last = record.evidence.at(-1);
  return last === undefined ? "" : `; evidence: ${last.source} says of ${last.machine}: ${last.text}`;
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
