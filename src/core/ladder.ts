import type { Rung } from "./model.ts";
import type { Capability, Policy } from "./policy.ts";
import type { Attempt } from "./record.ts";

/** Rungs that begin with the machine switched off; the only ones for a silent node. */
export const fencingRungs: readonly Rung[] = ["power-cycle", "rebuild", "replace"];

export function isFencing(rung: Rung): boolean {
  return fencingRungs.includes(rung);
}

/** What a rung needs its provider to do. */
export const rungNeeds: Readonly<Record<Rung, readonly Capability[]>> = {
  "soft-reboot": ["soft-reboot"],
  "hard-reboot": ["hard-reboot"],
  "power-cycle": ["observe", "power-off", "power-on"],
  rebuild: ["observe", "power-off", "power-on", "rebuild"],
  replace: ["observe", "power-off", "replace"],
};

/** How often a rung was run lately; attempts older than the decay are forgiven. */
export function attemptsAt(rung: Rung, attempts: readonly Attempt[], decayMs: number, wallMs: number): number {
  const attempt = attempts.find((it) => it.rung === rung);
  return attempt === undefined || wallMs - attempt.lastAtWallMs >= decayMs ? 0 : attempt.count;
}

/**
 * The lowest rung that still has an attempt left, from `from` upwards. A silent node's ladder begins at its first rung
 * that powers off.
 *
 * @param from the rung that has just been tried, or undefined for the bottom
 */
export function chooseRung(
  ladder: readonly Rung[],
  from: Rung | undefined,
  isSilent: boolean,
  attempts: readonly Attempt[],
  policy: Pick<Policy, "attempts" | "attemptsDecayMs">,
  wallMs: number,
): { readonly rung: Rung; readonly attempt: number } | undefined {
  const start = from === undefined ? 0 : Math.max(0, ladder.indexOf(from));
  for (const rung of ladder.slice(start)) {
    if (isSilent && !isFencing(rung)) continue;
    const spent = attemptsAt(rung, attempts, policy.attemptsDecayMs, wallMs);
    if (spent < policy.attempts[rung]) return { rung, attempt: spent + 1 };
  }
  return undefined;
}

/** Counts one attempt at a rung, unless this very attempt was counted before. */
export function countAttempt(attempts: readonly Attempt[], rung: Rung, attempt: number, wallMs: number): Attempt[] {
  const others = attempts.filter((it) => it.rung !== rung);
  return [...others, { rung, count: attempt, lastAtWallMs: wallMs }];
}
