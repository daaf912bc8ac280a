import { holdForEffect } from "../core/guards.ts";
import { holdWithoutNode } from "../core/guards-nodeless.ts";
import type { Hold } from "../core/hold.ts";
import { isMuteKubelet, isOldNode } from "../core/phases-replace.ts";
import { type Effect, openIntent, type RepairRecord } from "../core/record.ts";
import { type Now, secondMs } from "../core/time.ts";
import type { Purpose } from "./ask-owner.ts";
import { NotNowError } from "./effect-run.ts";
import { type Gathered, gather } from "./gather.ts";
import type { Sights } from "./sights.ts";
import type { Shift } from "./world.ts";

/** Leadership that must be left when a destructive step begins (DESIGN promise 10). */
export const leadershipLeftMs = 8 * secondMs;

/** @throws NotNowError when less leadership is left than a destructive step needs */
export function needLeadership(shift: Shift): void {
  const leftMs = shift.term.remainingMs(shift.clock.now());
  if (leftMs < leadershipLeftMs) {
    throw new NotNowError(
      `only ${Math.round(leftMs / 1000)} s of leadership are left; the Lease must be renewed first`,
    );
  }
}

/** The first guard that forbids an effect, by what was just read. */
export function guardOf(effect: Effect, gathered: Gathered, record: RepairRecord, now: Now): Hold | undefined {
  const { candidate, view } = gathered;
  return candidate === undefined ? holdWithoutNode(effect, view, record, now) : holdForEffect(effect, candidate, now);
}

/** What was seen when the effect was chosen; the world must not have become livelier since. */
export interface Choice {
  readonly effect: Effect;
  readonly wasSilent: boolean;
}

const needsProof: readonly Effect[] = ["taint", "force-delete", "rebuild", "replace"];
const endsALife: readonly Effect[] = ["power-off", "soft-reboot", "hard-reboot", "rebuild", "replace"];

const onMachine: readonly Effect[] = [...endsALife, "power-on"];

/** Whether the effect is asked of the machine's owner, and changes the machine. */
export function isOnMachine(effect: Effect): boolean {
  return onMachine.includes(effect);
}

function purposeOf(effect: Effect): Purpose {
  if (effect === "delete-node") return "delete-node";
  return isOnMachine(effect) ? "act-on-machine" : "act";
}

/**
 * Reads everything live that could forbid the step: record, pause, Node, Lease, machine, guards, leadership. For
 * providers whose act has several steps, before each.
 *
 * @returns what was read, for the step to act on
 * @throws NotNowError naming the reason
 */
export async function mayAct(shift: Shift, sights: Sights, record: RepairRecord, choice: Choice): Promise<Gathered> {
  const what = `${choice.effect} of ${record.node}`;
  const stored = await shift.journal.read(record.node, shift.term.signal);
  const intent = stored?.kind === "record" ? openIntent(stored.record) : undefined;
  if (intent?.id !== record.intent?.id) throw new NotNowError(`${what}: its record was changed by somebody else`);
  const gathered = await gather(shift, sights, record, purposeOf(choice.effect));
  const { seen } = gathered;
  const held = guardOf(choice.effect, gathered, record, shift.clock.now());
  if (held !== undefined) throw new NotNowError(`${what}: ${held.message}`);
  if (choice.wasSilent && !seen.isSilent) throw new NotNowError(`${what}: its kubelet's Lease moves again`);
  if (endsALife.includes(choice.effect) && !seen.isSick && record.plan?.isRequested !== true) {
    throw new NotNowError(`${what}: the node is well again`);
  }
  const isConfirmed = choice.effect === "taint" && seen.isConfirmedOff;
  if (needsProof.includes(choice.effect) && record.plan?.mode !== "unproven" && !seen.proof && !isConfirmed) {
    throw new NotNowError(`${what}: its machine does not read off any more`);
  }
  const situation = { record, seen };
  const isOfTheDead = seen.replacement?.isOldGone === true && isOldNode(situation) && isMuteKubelet(seen);
  if (choice.effect === "delete-node" && !isOfTheDead) {
    throw new NotNowError(`${what}: it is not certain any more that this is the Node of a machine that is gone`);
  }
  needLeadership(shift);
  return gathered;
}
