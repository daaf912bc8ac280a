import { openIntent, type RepairRecord } from "../core/record.ts";
import { attemptKey } from "../core/step.ts";
import type { MonoMs, Now } from "../core/time.ts";

/** Longest gap between two successful reads that still counts as time seen. */
const blindAfterMs = 15_000;

/**
 * When this process first saw a fact of a repair, on its own clock. A fact that stops being true is forgotten; time
 * without a readable API server is taken out of every age (DESIGN promise 11).
 */
export class Sights {
  readonly #byNode = new Map<string, Map<string, MonoMs>>();
  #lastReadMonoMs: MonoMs | undefined;

  /**
   * To be told of each successful read; takes blind time out of all ages.
   *
   * @returns true when there was blind time
   */
  readAt(monoMs: MonoMs | undefined): boolean {
    if (monoMs === undefined) return false;
    const gap = this.#lastReadMonoMs === undefined ? 0 : monoMs - this.#lastReadMonoMs;
    this.#lastReadMonoMs = monoMs;
    if (gap <= blindAfterMs) return false;
    for (const sights of this.#byNode.values()) {
      for (const [fact, since] of sights) sights.set(fact, since + gap);
    }
    return true;
  }

  /** Notes what is true of a node's repair now; returns how long each fact has been true, 0 for one that is not. */
  note(node: string, facts: Readonly<Record<string, boolean>>, now: Now): (fact: string) => number {
    const before = this.#byNode.get(node);
    const isTrue = Object.entries(facts).filter(([, value]) => value);
    const since = new Map(isTrue.map(([fact]) => [fact, before?.get(fact) ?? now.monoMs]));
    this.#byNode.set(node, since);
    return (fact) => now.monoMs - (since.get(fact) ?? now.monoMs);
  }
}

const restoringEffects: readonly string[] = ["power-on", "rebuild", "replace"];

/** A rung's time runs from its first act in this attempt: a pause or a countdown before it makes no rung fail. */
function isRungRunning(record: RepairRecord): boolean {
  if (record.phase === "Recovering" || record.phase === "Unfencing") return true;
  const { intent } = record;
  const isOfAttempt = intent?.id.startsWith(`${attemptKey(record)}/`) === true;
  return record.phase === "Restoring" && isOfAttempt && restoringEffects.includes(intent.effect);
}

/** Keys under which the ages of a repair's own progress are kept: another phase or attempt is another key. */
export function progressKeys(record: RepairRecord): { phase: string; rung: string; intent: string; result: string } {
  return {
    phase: `phase ${attemptKey(record)}/${record.phase ?? ""}`,
    rung: isRungRunning(record) ? `rung ${attemptKey(record)}` : "",
    intent: `intent ${openIntent(record)?.id ?? ""}`,
    result: `result ${record.result?.id ?? ""}`,
  };
}
