import type { EnteredPhase, Marks, RepairRecord } from "../core/record.ts";
import { timeText } from "./json-fields.ts";

/**
 * `NodeRepair.status` of a record, as the body of a merge patch: what is absent is `null`, so that fields that vanished
 * since the last write are deleted. No `null` stands inside a list: a merge patch replaces lists whole and would keep it.
 */
export function toStatusPatch(record: RepairRecord): Readonly<Record<string, unknown>> {
  return {
    version: record.version,
    id: orNull(record.id || undefined),
    handledRequest: orNull(record.handledRequest),
    refusedRequest: refusedOf(record),
    phase: orNull(record.phase),
    outcome: orNull(record.outcome),
    rung: orNull(record.rung),
    attempt: record.attempt,
    reason: clip(record.reason, 256),
    message: clip(record.message, 4096),
    startedAt: timeOrNull(record.startedAtWallMs || undefined),
    phaseStartedAt: timeOrNull(record.phaseStartedAtWallMs || undefined),
    phases: record.phases ? phasesText(record.phases) : null,
    leader: record.leader,
    leaseTransitions: record.leaseTransitions,
    plan: orNull(record.plan),
    intent: intentOf(record),
    result: resultOf(record),
    evidence: record.evidence.slice(-5).map(({ source, machine, value, text, readAtWallMs }) => ({
      source,
      machine,
      value,
      text: clip(text, 4096),
      readAt: timeText(readAtWallMs),
    })),
    marks: toMarks(record.marks),
    identity: identityOf(record),
    attempts: record.attempts.map(({ rung, count, lastAtWallMs }) => ({ rung, count, lastAt: timeText(lastAtWallMs) })),
    hasActed: record.hasActed,
    isReleaseOverdue: record.isReleaseOverdue,
    confirmedOff: record.confirmedOff
      ? { bootID: record.confirmedOff.bootID, at: timeText(record.confirmedOff.atWallMs) }
      : null,
    replacement: replacementOf(record),
    pendingOff: record.pendingOff
      ? { machine: record.pendingOff.machine, askedAt: timeText(record.pendingOff.askedAtWallMs) }
      : null,
    history: record.history.slice(-20).map(({ startedAtWallMs, endedAtWallMs, outcome, rung, reason, phases }) => ({
      outcome,
      ...(rung && { rung }),
      reason: clip(reason, 256),
      startedAt: timeText(startedAtWallMs),
      endedAt: timeText(endedAtWallMs),
      ...(phases && { phases: phasesText(phases) }),
    })),
  };
}

function phasesText(phases: readonly EnteredPhase[]) {
  return phases.map(({ phase, startedAtWallMs }) => ({ phase, startedAt: timeText(startedAtWallMs) }));
}

/** Marks with `null` for what we did not change. */
export function toMarks({ cordon, outOfService }: Marks): Readonly<Record<string, unknown>> {
  return {
    cordon: cordon ? { wasUnschedulable: cordon.wasUnschedulable, at: timeText(cordon.atWallMs) } : null,
    outOfService: outOfService ? { at: timeText(outOfService.atWallMs) } : null,
  };
}

function intentOf({ intent }: RepairRecord): unknown {
  if (intent === undefined) return null;
  const { effect, id, startedAtWallMs, deadlineMs } = intent;
  return { effect, id, startedAt: timeText(startedAtWallMs), deadline: timeText(startedAtWallMs + deadlineMs) };
}

function resultOf({ result }: RepairRecord): unknown {
  if (result === undefined) return null;
  const { effect, id, outcome, message, remedy, endedAtWallMs } = result;
  return {
    effect,
    id,
    outcome,
    message: clip(message, 4096),
    remedy: orNull(remedy),
    endedAt: timeText(endedAtWallMs),
  };
}

function refusedOf({ refusedRequest: refused }: RepairRecord): unknown {
  return refused === undefined ? null : { id: refused.id, because: clip(refused.because, 1024) };
}

function replacementOf({ replacement }: RepairRecord): unknown {
  if (replacement === undefined) return null;
  const { machine, plan, atWallMs, successor } = replacement;
  return { machine, plan, at: timeText(atWallMs), successor: orNull(successor) };
}

function identityOf({ identity }: RepairRecord): unknown {
  return identity === undefined ? null : { ...identity, machine: orNull(identity.machine) };
}

/** The server's schema refuses longer texts, and a journal that cannot be written would stop the repair. */
function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

function timeOrNull(wallMs: number | undefined): string | null {
  return wallMs === undefined ? null : timeText(wallMs);
}
