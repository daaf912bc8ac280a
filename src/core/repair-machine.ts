import { cordoning, draining, fencing } from "./phases-fence.ts";
import { releasing } from "./phases-release.ts";
import { held, recovering, restoring, unfencing } from "./phases-return.ts";
import { type Effect, openIntent } from "./record.ts";
import type { RulesByPhase, Situation, Step } from "./step.ts";

/** The whole repair, one row a phase (DESIGN §5). Each rule reads top to bottom: the first line that applies decides. */
const phaseRules: RulesByPhase = {
  Cordoning: cordoning,
  Draining: draining,
  Fencing: fencing,
  Releasing: releasing,
  Restoring: restoring,
  Recovering: recovering,
  Unfencing: unfencing,
  Held: held,
};

/**
 * Effects that may simply be done again when nobody knows how they ended: they ask first, or give something back. A
 * taint, and the deletion of a Node, hold only for the version of the Node that was judged, so a late one is refused, or
 * found and taken back.
 */
const repeatable: readonly Effect[] = ["cordon", "drain", "taint", "delete-node", "untaint", "uncordon"];

/**
 * Next step of one repair. Pure. An intent without result is settled before anything else: its deadline passes first,
 * then the world is looked at; a destructive effect is never repeated blindly.
 *
 * @returns undefined when the record holds no repair
 */
export function nextStep(it: Situation): Step | undefined {
  const { record, seen } = it;
  if (record.phase === undefined || record.phase === "Healed" || record.phase === "Recovered") return undefined;
  const intent = openIntent(record);
  if (intent !== undefined) {
    const leftMs = repeatable.includes(intent.effect) ? 0 : intent.deadlineMs - seen.intentForMs;
    if (leftMs > 0)
      return { kind: "wait", afterMs: leftMs, because: `${intent.effect} of an earlier term may still be under way` };
    return { kind: "settle", because: `nobody wrote how ${intent.effect} ended` };
  }
  return phaseRules[record.phase](it);
}
