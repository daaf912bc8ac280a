import { holdReasons } from "../core/hold.ts";
import type { MachineId, NodeFacts } from "../core/model.ts";
import { proofAgeMs } from "../core/proof.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import { secondMs } from "../core/time.ts";
import { frozenIdentity, identityOf } from "./machine-identity.ts";
import type { Shift } from "./world.ts";

/** Why the world is gathered: for the choice of a step, or right before an act, when nothing may be stale. */
export type Purpose = "look" | "act-on-machine" | "delete-node" | "act";

const needsMachine: readonly string[] = ["Fencing", "Releasing", "Restoring"];
const needsInterlock: readonly string[] = ["Cordoning", "Draining", "Fencing", "Restoring"];

/** The next step of the same look takes what the machine read in the last one. */
const sameLookMs = secondMs;
/** A held step waits for something else than the machine's power. Less than a proof may be old. */
const heldPowerMs = 8 * secondMs;
/** Half of what a proof may be old: the other half is for what is read and written between it and the act. */
const agedPowerMs = proofAgeMs / 2;
/** While nothing but time passes, an interlock is asked for, and a replacement followed, this often. */
const lookAgainMs = 10 * secondMs;
/** A held repair waits for a person: its replacement is followed only so that it notices a late end. */
const heldLookMs = 60 * secondMs;
/** Between the two reads that make it certain that a replaced machine is gone, and while that must stay certain. */
const goneAgainMs = 2 * secondMs;
const keepGoneMs = 8 * secondMs;
/** While a machine that may go off late is waited for. */
const lateOffLookMs = 4 * secondMs;

/** Asks the machines' owner what the record's phase depends on: power, interlock, how a replacement stands. Never throws. */
export async function askOwner(
  shift: Shift,
  record: RepairRecord,
  node: NodeFacts | undefined,
  purpose: Purpose,
  signal: AbortSignal,
): Promise<void> {
  const { machines } = shift;
  if (machines === undefined || record.plan?.mode === "unproven") return;
  const phase = record.phase ?? "";
  const mayGoOff = phase === "Unfencing" && record.pendingOff !== undefined;
  const isFollowed = followsNow(record, purpose);
  const isAsked = needsMachine.includes(phase) || needsInterlock.includes(phase) || mayGoOff;
  if (!isAsked && !isFollowed) return;
  if (node !== undefined) await machines.identify(node, signal);
  const machine = machines.machineOf(record);
  if (machine === undefined) return;
  const identity = node === undefined ? frozenIdentity(record, node) : identityOf(node);
  const isRead = isKnown(shift, record, machine, purpose);
  const readsPower = (needsMachine.includes(phase) && !isRead) || (mayGoOff && isOlder(shift, record, lateOffLookMs));
  await Promise.all([
    readsPower ? machines.observe(machine, identity, signal) : undefined,
    isActive(record)
      ? machines.interlocks?.look(machine, identity, interlockAgeMs(shift, record, purpose), signal)
      : undefined,
    isFollowed
      ? shift.replacements?.look(record, shift.nodes.nodes(), followAgeMs(shift, record, purpose), signal)
      : undefined,
  ]);
  // an owner that took long with the other questions: nobody could act upon a power that was read before them
  if (readsPower && isOlder(shift, record, agedPowerMs)) {
    await machines.observe(machine, identity, signal);
  }
}

/** Whether a look can do with what was read last. Before an act nothing but a new read tells what is. */
function isKnown({ clock, machines }: Shift, record: RepairRecord, machine: MachineId, purpose: Purpose): boolean {
  const last = machines?.undoubted(record.node, machine);
  if (purpose !== "look" || last === undefined) return false;
  const isHeld = record.reason in holdReasons && (last.power === "on" || last.power === "off");
  return clock.now().monoMs - last.askedAtMonoMs < (isHeld ? heldPowerMs : sameLookMs);
}

function isOlder({ clock, machines }: Shift, { node }: RepairRecord, ageMs: number): boolean {
  const last = machines?.readings().get(node)?.at(-1);
  return last === undefined || clock.now().monoMs - last.askedAtMonoMs >= ageMs;
}

/** Whether the record tells of a replacement that matters in its phase. Not right before the very act: it says nothing yet. */
function followsNow(record: RepairRecord, purpose: Purpose): boolean {
  if (record.replacement === undefined || record.rung !== "replace") return false;
  if (purpose !== "look" && purpose !== "delete-node") return false;
  const phase = record.phase ?? "";
  return ["Restoring", "Recovering", "Unfencing", "Held"].includes(phase);
}

/** Phases that ask nothing of the owner are held only by an interlock over everything: an answer without one is kept. */
function interlockAgeMs(shift: Shift, record: RepairRecord, purpose: Purpose): number {
  if (purpose === "act-on-machine") return 0;
  if (needsInterlock.includes(record.phase ?? "")) return lookAgainMs;
  const last = shift.machines?.interlocks?.sights().get(record.node);
  const isWide = last?.kind === "locked" && last.stops === "everything";
  return isWide ? lookAgainMs : Number.POSITIVE_INFINITY;
}

function followAgeMs(shift: Shift, record: RepairRecord, purpose: Purpose): number {
  if (purpose === "delete-node") return 0;
  if (record.phase === "Held") return heldLookMs;
  const last = shift.replacements?.last(record);
  if (last?.isOldGone !== true || !shift.nodes.nodes().has(record.node)) return lookAgainMs;
  return shift.replacements?.isOldGone(record) === true ? keepGoneMs : goneAgainMs;
}
