import type { Action } from "../core/decide.ts";
import type { NodeFacts } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import { begin, planFrom } from "../core/record-changes.ts";
import { remake } from "../core/record-marks.ts";
import type { StoredRecord } from "../core/view.ts";
import { announce } from "./announce.ts";
import { measureDetection } from "./repair-metrics.ts";
import { journalTimeoutMs, type Shift, writerOf } from "./world.ts";

type Unreadable = Extract<StoredRecord, { kind: "unreadable" }>["unreadable"];

/** Writes the record of a repair that begins now. @throws ConflictError when somebody else wrote meanwhile */
export async function beginRepair(shift: Shift, action: Extract<Action, { kind: "start" }>): Promise<RepairRecord> {
  const { node, start } = action;
  using deadline = shift.clock.deadline(journalTimeoutMs, shift.term.signal);
  const { policy } = shift.view();
  const empty = await existingOrNew(shift, node.name, deadline.signal);
  const claim = shift.machines?.claims().get(node.name);
  const wallMs = shift.clock.now().wallMs;
  const budget = start.rung === undefined ? start.attempt : policy.attempts[start.rung];
  // What was switched off by a late power-off of ours has its power-on still to come: the rest of an attempt, not a new one.
  const isRest = start.isFoundOff && empty.pendingOff !== undefined;
  const begun = begin(
    empty,
    {
      id: shift.newId(),
      node,
      plan: planFrom(policy, node.role, start.mode, start.isFoundOff, start.request !== undefined),
      rung: start.rung,
      attempt: isRest ? Math.max(1, Math.min(start.attempt, budget)) : start.attempt,
      machine: claim?.kind === "known" ? claim.machine : undefined,
      because: action.because,
      request: start.request,
    },
    writerOf(shift),
    wallMs,
  );
  const written = await shift.journal.write(begun, deadline.signal);
  measureDetection(shift.meter, node, shift.view(), shift.clock.now());
  announce(shift, undefined, written);
  return written;
}

/** Makes a lost record anew from what stands on the Node: held, attempts counted as spent. */
export async function adoptMarks(
  shift: Shift,
  action: Extract<Action, { kind: "adopt-marks" }>,
): Promise<RepairRecord> {
  using deadline = shift.clock.deadline(journalTimeoutMs, shift.term.signal);
  const empty = await existingOrNew(shift, action.node.name, deadline.signal);
  return write(shift, empty, action.node, "record-lost", action.because, deadline.signal);
}

/** Replaces a status that makes no sense: held, with what stands on the Node. */
export async function replaceInvalid(shift: Shift, unreadable: Unreadable): Promise<void> {
  using deadline = shift.clock.deadline(journalTimeoutMs, shift.term.signal);
  const node = await shift.nodes.readNode(unreadable.node, deadline.signal);
  if (node === undefined) return;
  await write(shift, emptyRecord(unreadable), node, "record-invalid", unreadable.problem, deadline.signal);
}

async function write(
  shift: Shift,
  empty: RepairRecord,
  node: NodeFacts,
  reason: "record-lost" | "record-invalid",
  message: string,
  signal: AbortSignal,
): Promise<RepairRecord> {
  const { policy } = shift.view();
  const made = remake(empty, node, reason, message, policy, writerOf(shift), shift.newId(), shift.clock.now().wallMs);
  const written = await shift.journal.write(made, signal);
  announce(shift, undefined, written);
  return written;
}

async function existingOrNew(shift: Shift, node: string, signal: AbortSignal): Promise<RepairRecord> {
  const stored = await shift.journal.read(node, signal);
  if (stored?.kind === "record") return stored.record;
  if (stored?.kind === "unreadable") return emptyRecord(stored.unreadable);
  return shift.journal.create(node, signal);
}

function emptyRecord({ node, resourceVersion, wishes = {} }: Unreadable): RepairRecord {
  return {
    node,
    resourceVersion,
    wishes,
    version: 1,
    id: "",
    attempt: 0,
    reason: "",
    message: "",
    startedAtWallMs: 0,
    phaseStartedAtWallMs: 0,
    leader: "",
    leaseTransitions: 0,
    evidence: [],
    marks: {},
    attempts: [],
    hasActed: false,
    isReleaseOverdue: false,
    history: [],
  };
}
