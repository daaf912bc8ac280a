import { rungs } from "../core/model.ts";
import {
  type AskedReplacement,
  type Attempt,
  type EffectResult,
  type EnteredPhase,
  type Evidence,
  effects,
  type HistoryEntry,
  type Identity,
  type Intent,
  type Marks,
  outcomes,
  type RepairPlan,
  type RepairRecord,
  type RepairRequest,
  type RepairWishes,
  recordVersion,
  workPhases,
} from "../core/record.ts";
import type { StoredRecord } from "../ports/repairs.ts";
import { FieldProblem, Fields, parseTime } from "./json-fields.ts";
import type { KubeObject } from "./wire.ts";

const phases = [...workPhases, ...outcomes] as const;
const modes = ["silent", "living", "unproven"] as const;
const requestKinds = ["repair", "release-hold", "confirm-off"] as const;
const remedies = ["retry", "re-read", "give-up", "ask-operator"] as const;
const resultOutcomes = ["done", "failed", "unknown"] as const;
const evidenceValues = ["on", "off", "changing", "unknown", "confirmed-off-by-person", "unproven"] as const;

/** What a NodeRepair object says. Never throws: what cannot be understood is `unreadable`, with the path of the problem. */
export function fromNodeRepair(object: KubeObject): StoredRecord {
  const node = object.metadata?.name ?? "";
  const resourceVersion = object.metadata?.resourceVersion ?? "";
  const unreadable = (problem: string, isNewer: boolean): StoredRecord => ({
    kind: "unreadable",
    unreadable: { node, resourceVersion, problem, isNewer, wishes: wishesOf(object.spec) },
  });
  try {
    const status = new Fields(object.status ?? {}, "status");
    const version = status.has("version") ? status.whole("version") : recordVersion;
    if (version > recordVersion)
      return unreadable(`status.version is ${version}, this program writes ${recordVersion}`, true);
    const uid = object.metadata?.uid;
    const madeAt = parseTime(object.metadata?.creationTimestamp ?? "");
    const about = {
      node,
      resourceVersion,
      ...(uid !== undefined && { objectUid: uid }),
      ...(madeAt !== undefined && { objectCreatedAtWallMs: madeAt }),
      version,
    };
    const record = { ...statusOf(status), ...about, wishes: wishesOf(object.spec) };
    requireWhatWorkNeeds(record);
    return { kind: "record", record };
  } catch (error) {
    if (error instanceof FieldProblem) return unreadable(error.message, false);
    throw error;
  }
}

type StatusPart = Omit<RepairRecord, "node" | "resourceVersion" | "version" | "wishes">;

function statusOf(status: Fields): StatusPart {
  const intent = status.child("intent");
  const result = status.child("result");
  const plan = status.child("plan");
  const identity = status.child("identity");
  const confirmed = status.child("confirmedOff");
  const replacement = status.child("replacement");
  const pendingOff = status.child("pendingOff");
  const marks = status.child("marks");
  return {
    id: status.textOr("id", ""),
    ...(status.has("handledRequest") && { handledRequest: status.text("handledRequest") }),
    ...refusedOf(status),
    ...(status.has("phase") && { phase: status.oneOf("phase", phases) }),
    ...(status.has("outcome") && { outcome: status.oneOf("outcome", outcomes) }),
    ...(status.has("rung") && { rung: status.oneOf("rung", rungs) }),
    attempt: status.has("attempt") ? status.whole("attempt") : 0,
    reason: status.textOr("reason", ""),
    message: status.textOr("message", ""),
    startedAtWallMs: status.timeOr("startedAt", 0),
    phaseStartedAtWallMs: status.timeOr("phaseStartedAt", 0),
    ...phasesOf(status),
    leader: status.textOr("leader", ""),
    leaseTransitions: status.has("leaseTransitions") ? status.whole("leaseTransitions") : 0,
    ...(plan && { plan: planOf(plan) }),
    ...(intent && { intent: intentOf(intent) }),
    ...(result && { result: resultOf(result) }),
    evidence: status.list("evidence").map(evidenceOf),
    marks: marks ? marksOf(marks) : {},
    ...(identity && { identity: identityOf(identity) }),
    attempts: status.list("attempts").map(attemptOf),
    // A repair whose record does not say so may have acted.
    hasActed: status.has("hasActed") ? status.flag("hasActed") : status.has("phase"),
    isReleaseOverdue: status.has("isReleaseOverdue") && status.flag("isReleaseOverdue"),
    ...(confirmed && { confirmedOff: { bootID: confirmed.text("bootID"), atWallMs: confirmed.time("at") } }),
    ...(replacement && { replacement: replacementOf(replacement) }),
    ...(pendingOff && {
      pendingOff: { machine: pendingOff.text("machine"), askedAtWallMs: pendingOff.time("askedAt") },
    }),
    history: status.list("history").map(historyOf),
  };
}

/** A repair at work without its plan, identity or id cannot be continued by anybody. */
function requireWhatWorkNeeds(record: RepairRecord): void {
  if (record.phase === undefined || !(workPhases as readonly string[]).includes(record.phase)) return;
  for (const field of ["plan", "identity", "id"] as const) {
    if (!record[field]) throw new FieldProblem(`status.${field}: expected in phase ${record.phase}, found nothing`);
  }
}

function planOf(plan: Fields): RepairPlan {
  return {
    mode: plan.oneOf("mode", modes),
    ladder: plan.words("ladder", rungs),
    isRequested: plan.has("isRequested") && plan.flag("isRequested"),
    foundOff: plan.flag("foundOff"),
    drainTimeoutMs: plan.whole("drainTimeoutMs"),
    powerOffTimeoutMs: plan.whole("powerOffTimeoutMs"),
    releaseTimeoutMs: plan.whole("releaseTimeoutMs"),
    rungTimeoutMs: plan.whole("rungTimeoutMs"),
    rebootTimeoutMs: plan.whole("rebootTimeoutMs"),
    recoveryHoldMs: plan.whole("recoveryHoldMs"),
    requireReboot: plan.flag("requireReboot"),
  };
}

function intentOf(intent: Fields): Intent {
  const startedAtWallMs = intent.time("startedAt");
  return {
    effect: intent.oneOf("effect", effects),
    id: intent.text("id"),
    startedAtWallMs,
    deadlineMs: Math.max(0, intent.time("deadline") - startedAtWallMs),
  };
}

function resultOf(result: Fields): EffectResult {
  return {
    effect: result.oneOf("effect", effects),
    id: result.text("id"),
    outcome: result.oneOf("outcome", resultOutcomes),
    message: result.textOr("message", ""),
    ...(result.has("remedy") && { remedy: result.oneOf("remedy", remedies) }),
    endedAtWallMs: result.time("endedAt"),
  };
}

function evidenceOf(evidence: Fields): Evidence {
  return {
    source: evidence.text("source"),
    machine: evidence.textOr("machine", ""),
    value: evidence.oneOf("value", evidenceValues),
    text: evidence.textOr("text", ""),
    readAtWallMs: evidence.time("readAt"),
  };
}

/** The marks of a record; the Node's annotation carries the same form. @throws FieldProblem */
export function marksOf(marks: Fields): Marks {
  const cordon = marks.child("cordon");
  const outOfService = marks.child("outOfService");
  return {
    ...(cordon && { cordon: { wasUnschedulable: cordon.flag("wasUnschedulable"), atWallMs: cordon.time("at") } }),
    ...(outOfService && { outOfService: { atWallMs: outOfService.time("at") } }),
  };
}

function identityOf(identity: Fields): Identity {
  return {
    nodeUid: identity.text("nodeUid"),
    providerID: identity.textOr("providerID", ""),
    systemUUID: identity.textOr("systemUUID", ""),
    ...(identity.has("machine") && { machine: identity.text("machine") }),
    bootID: identity.textOr("bootID", ""),
  };
}

function replacementOf(replacement: Fields): AskedReplacement {
  return {
    machine: replacement.text("machine"),
    plan: replacement.textOr("plan", ""),
    atWallMs: replacement.time("at"),
    ...(replacement.has("successor") && { successor: replacement.text("successor") }),
  };
}

function attemptOf(attempt: Fields): Attempt {
  return { rung: attempt.oneOf("rung", rungs), count: attempt.whole("count"), lastAtWallMs: attempt.time("lastAt") };
}

function historyOf(entry: Fields): HistoryEntry {
  return {
    startedAtWallMs: entry.time("startedAt"),
    endedAtWallMs: entry.time("endedAt"),
    outcome: entry.oneOf("outcome", outcomes),
    ...(entry.has("rung") && { rung: entry.oneOf("rung", rungs) }),
    reason: entry.textOr("reason", ""),
    ...phasesOf(entry),
  };
}

/** It decides nothing either. */
function refusedOf(status: Fields): Pick<RepairRecord, "refusedRequest"> {
  const refused = lenient(() => status.child("refusedRequest"));
  const read = refused && lenient(() => ({ id: refused.text("id"), because: refused.text("because") }));
  return read === undefined ? {} : { refusedRequest: read };
}

/** They decide nothing: phases that make no sense are no reason to hold a repair. */
function phasesOf(fields: Fields): { readonly phases?: readonly EnteredPhase[] } {
  const found = fields.has("phases") ? lenient(() => fields.list("phases").map(enteredOf)) : undefined;
  return found === undefined ? {} : { phases: found };
}

function enteredOf(entry: Fields): EnteredPhase {
  return { phase: entry.oneOf("phase", phases), startedAtWallMs: entry.time("startedAt") };
}

/**
 * People's part. A request that cannot be understood is no request (the server's schema refuses it anyway), and it must
 * not make the journal unreadable, because the engine could never repair a spec. A `paused` that is no flag pauses.
 */
function wishesOf(value: unknown): RepairWishes {
  const spec = new Fields(typeof value === "object" && value !== null && !Array.isArray(value) ? value : {}, "spec");
  const request = lenient(() => spec.child("request"));
  const parsed = request && lenient(() => requestOf(request));
  const reason = lenientText(spec, "reason");
  const requestedBy = lenientText(spec, "requestedBy");
  return {
    ...(parsed && { request: parsed }),
    ...(reason !== undefined && { reason }),
    ...(requestedBy !== undefined && { requestedBy }),
    ...(spec.has("paused") && { paused: lenient(() => spec.flag("paused")) ?? true }),
  };
}

function requestOf(request: Fields): RepairRequest {
  const askedAtWallMs = request.has("askedAt") ? lenient(() => request.time("askedAt")) : undefined;
  return {
    id: request.text("id"),
    kind: request.oneOf("kind", requestKinds),
    ...(request.has("repairId") && { repairId: request.text("repairId") }),
    ...(request.has("bootId") && { bootId: request.text("bootId") }),
    ...(askedAtWallMs !== undefined && { askedAtWallMs }),
  };
}

function lenientText(spec: Fields, key: string): string | undefined {
  return spec.has(key) ? lenient(() => spec.text(key)) : undefined;
}

function lenient<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldProblem) return undefined;
    throw error;
  }
}
