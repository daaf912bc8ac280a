import { countAttempt } from "./ladder.ts";
import type { MachineId, NodeFacts, PowerReading, Rung } from "./model.ts";
import type { Policy } from "./policy.ts";
import {
  type Effect,
  type EffectResult,
  type Evidence,
  type HistoryEntry,
  type Intent,
  type Outcome,
  type RepairMode,
  type RepairPlan,
  type RepairRecord,
  recordVersion,
  type WorkPhase,
} from "./record.ts";
import { phasesOf, withPhase } from "./record-phases.ts";
import type { Step } from "./step.ts";
import type { WallMs } from "./time.ts";

/** Who writes: told in every record. */
export interface Writer {
  readonly leader: string;
  readonly leaseTransitions: number;
}

/** Most pieces of evidence and of history that a record keeps. */
const evidenceKept = 5;
const historyKept = 20;

/** Limits of a repair that begins now. */
export function planFrom(
  policy: Policy,
  role: NodeFacts["role"],
  mode: RepairMode,
  foundOff: boolean,
  isRequested: boolean,
): RepairPlan {
  return {
    mode,
    ladder: mode === "unproven" ? [] : policy.ladder[role],
    foundOff,
    isRequested,
    drainTimeoutMs: policy.drainTimeoutMs,
    powerOffTimeoutMs: policy.fencing.powerOffTimeoutMs,
    releaseTimeoutMs: policy.releaseTimeoutMs,
    rungTimeoutMs: policy.rungTimeoutMs,
    rebootTimeoutMs: policy.rebuildDelayAfterRebootMs,
    recoveryHoldMs: policy.recoveryHoldMs,
    requireReboot: policy.fencing.requireReboot,
  };
}

export interface Beginning {
  readonly id: string;
  readonly node: NodeFacts;
  readonly plan: RepairPlan;
  readonly rung: Rung | undefined;
  readonly attempt: number;
  readonly machine: string | undefined;
  readonly because: string;
  readonly request: string | undefined;
}

/** A repair begins: first phase, identity frozen, earlier attempts and history kept. */
export function begin(record: RepairRecord, it: Beginning, writer: Writer, wallMs: WallMs): RepairRecord {
  const { node } = it;
  const { rung: _rung, outcome: _outcome, intent: _intent, result: _result, confirmedOff: _off, ...earlier } = record;
  const { replacement: _replaced, ...kept } = earlier;
  return {
    ...kept,
    ...writer,
    version: recordVersion,
    id: it.id,
    attempts: it.rung === undefined ? record.attempts : spentBefore(record.attempts, it.rung, it.attempt),
    ...(it.request === undefined ? {} : { handledRequest: it.request }),
    phase: "Cordoning",
    ...(it.rung === undefined ? {} : { rung: it.rung }),
    attempt: it.attempt,
    reason: "started",
    message: it.because,
    startedAtWallMs: wallMs,
    phaseStartedAtWallMs: wallMs,
    phases: [{ phase: "Cordoning", startedAtWallMs: wallMs }],
    plan: it.plan,
    evidence: [],
    marks: {},
    identity: {
      nodeUid: node.uid,
      providerID: node.providerID,
      systemUUID: node.systemUUID,
      ...(it.machine === undefined ? {} : { machine: it.machine }),
      bootID: node.bootID,
    },
    hasActed: false,
    isReleaseOverdue: false,
  };
}

export function enterPhase(record: RepairRecord, phase: WorkPhase, because: string, wallMs: WallMs): RepairRecord {
  const { outcome: _outcome, ...kept } = record;
  const phases = withPhase(record, phase, wallMs);
  return { ...kept, phase, reason: "entered", message: because, phaseStartedAtWallMs: wallMs, phases };
}

/** The effects that count an attempt at a rung: its own act, and for a power cycle switching off or on. */
function spendsAttempt(effect: Effect, rung: Rung): boolean {
  return effect === rung || (rung === "power-cycle" && (effect === "power-off" || effect === "power-on"));
}

const harmless: readonly Effect[] = ["cordon", "drain", "untaint", "uncordon"];

/**
 * An effect is about to run. Spends the attempt in the same write.
 *
 * @param wasOn the machine read on just before: only then is it our power-off that it goes off by
 */
export function withIntent(
  record: RepairRecord,
  intent: Intent,
  writer: Writer,
  wallMs: WallMs,
  wasOn = true,
): RepairRecord {
  const { rung, plan } = record;
  const isSpending = rung !== undefined && spendsAttempt(intent.effect, rung);
  const machine = record.identity?.machine;
  const isOff = intent.effect === "power-off" && machine !== undefined;
  return {
    ...record,
    ...writer,
    intent,
    attempts: isSpending ? countAttempt(record.attempts, rung, record.attempt, wallMs) : record.attempts,
    hasActed: record.hasActed || !harmless.includes(intent.effect),
    ...(isOff ? { pendingOff: record.pendingOff ?? { machine, askedAtWallMs: wallMs } } : {}),
    ...(plan !== undefined && intent.effect === "power-off" ? { plan: { ...plan, foundOff: !wasOn } } : {}),
  };
}

/** How an effect ended. What was certainly given back is ours no more, and what was certainly not asked for is not pending. */
export function withResult(record: RepairRecord, result: EffectResult): RepairRecord {
  if (result.outcome === "failed" && result.effect === "power-off") return { ...withoutRefusedOff(record), result };
  if (result.outcome === "failed" && result.effect === "replace")
    return { ...withoutRefusedReplacement(record), result };
  if (result.outcome !== "done") return { ...record, result };
  if (result.effect === "uncordon") return { ...record, result, marks: {} };
  if (result.effect !== "untaint") return { ...record, result };
  const { outOfService: _gone, ...marks } = record.marks;
  return { ...record, result, marks };
}

/** Another power-off, of an earlier attempt, may still be pending. */
function withoutRefusedOff(record: RepairRecord): RepairRecord {
  const { pendingOff, ...rest } = record;
  return pendingOff !== undefined && pendingOff.askedAtWallMs === record.intent?.startedAtWallMs ? rest : record;
}

/** What was certainly not asked for must not be found again in somebody else's work. An earlier request is still followed. */
function withoutRefusedReplacement(record: RepairRecord): RepairRecord {
  const { replacement, ...rest } = record;
  return replacement !== undefined && replacement.atWallMs === record.intent?.startedAtWallMs ? rest : record;
}

/** Notes which machine takes the place of the one that is replaced. The same record when that is known. */
export function withSuccessor(record: RepairRecord, successor: MachineId | undefined): RepairRecord {
  const { replacement } = record;
  if (replacement === undefined || successor === undefined || replacement.successor === successor) return record;
  return { ...record, replacement: { ...replacement, successor } };
}

/** Adds evidence, newest last; the same reading twice is one piece. */
export function withEvidence(record: RepairRecord, evidence: readonly Evidence[]): RepairRecord {
  const fresh = evidence.filter((it) => !record.evidence.some((old) => isSameEvidence(old, it)));
  return { ...record, evidence: [...record.evidence, ...fresh].slice(-evidenceKept) };
}

function isSameEvidence(a: Evidence, b: Evidence): boolean {
  return a.readAtWallMs === b.readAtWallMs && a.source === b.source && a.value === b.value && a.machine === b.machine;
}

export function evidenceOf(reading: PowerReading): Evidence {
  return {
    source: reading.source,
    machine: reading.machine,
    value: reading.power,
    text: reading.text,
    readAtWallMs: reading.readAtWallMs,
  };
}

/** Not acting, visible. The same record when nothing changed. */
export function withHold(record: RepairRecord, reason: string, message: string): RepairRecord {
  const its = withoutRefusedAct(record);
  return its.reason === reason && its.message === message ? its : { ...its, reason, message };
}

/** An act that was refused begins no rung's time: what is held back before the next one makes no rung fail. */
function withoutRefusedAct(record: RepairRecord): RepairRecord {
  const { intent, result } = record;
  if (intent === undefined || record.phase !== "Restoring") return record;
  if (result?.id !== intent.id || result.outcome !== "failed") return record;
  const { intent: _refused, ...rest } = record;
  return rest;
}

export function end(
  record: RepairRecord,
  outcome: Outcome,
  reason: string,
  message: string,
  wallMs: WallMs,
): RepairRecord {
  const entry: HistoryEntry = {
    startedAtWallMs: record.startedAtWallMs,
    endedAtWallMs: wallMs,
    outcome,
    ...(record.rung === undefined ? {} : { rung: record.rung }),
    reason,
    phases: phasesOf(record),
  };
  const earlier = record.history.filter((it) => it.startedAtWallMs !== record.startedAtWallMs);
  return {
    ...record,
    phase: outcome,
    outcome,
    reason,
    message,
    phaseStartedAtWallMs: wallMs,
    // A held repair may go on; the other outcomes end it.
    phases: outcome === "Held" ? withPhase(record, outcome, wallMs) : phasesOf(record),
    history: [...earlier, entry].slice(-historyKept),
  };
}

/** Moves on to another attempt: from its first phase, observing first. The attempt just made counts even if it never acted. */
export function nextAttempt(
  record: RepairRecord,
  next: { readonly rung: Rung; readonly attempt: number },
  because: string,
  wallMs: WallMs,
): RepairRecord {
  const attempts = spentBefore(record.attempts, next.rung, next.attempt);
  return { ...enterPhase(record, "Cordoning", because, wallMs), attempts, rung: next.rung, attempt: next.attempt };
}

/**
 * What is counted of a rung before this attempt. A count that decayed would otherwise read as if this very attempt had
 * been made already.
 */
function spentBefore(attempts: RepairRecord["attempts"], rung: Rung, attempt: number): RepairRecord["attempts"] {
  return attempts.flatMap((it) => {
    if (it.rung !== rung || it.count < attempt) return [it];
    return attempt > 1 ? [{ ...it, count: attempt - 1 }] : [];
  });
}

/** A phase is entered as the step says: with its plan, the identity that is being fenced, and its alarm. */
export function entered(record: RepairRecord, step: Extract<Step, { kind: "enter" }>, wallMs: WallMs): RepairRecord {
  const { plan, identity, isAlarm } = step;
  const { pendingOff: _done, ...proven } = record;
  const carried = { ...(step.isOffProven ? proven : record), ...(plan && { plan }), ...(identity && { identity }) };
  const alarmed = isAlarm === true ? { ...carried, isReleaseOverdue: true } : carried;
  return enterPhase(alarmed, step.phase, step.because, wallMs);
}

/** Attempts with the present one counted; `isSkipping` spends the rest of the rung's budget too. */
export function attemptsAfter(
  record: RepairRecord,
  isSkipping: boolean,
  policy: Policy,
  wallMs: WallMs,
): RepairRecord["attempts"] {
  const { rung } = record;
  if (rung === undefined) return record.attempts;
  const count = isSkipping ? Math.max(record.attempt, policy.attempts[rung]) : record.attempt;
  return countAttempt(record.attempts, rung, count, wallMs);
}
