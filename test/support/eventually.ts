import { systemClock } from "../../src/app/clock.ts";
import { messageOf } from "../../src/core/errors.ts";
import type { Clock } from "../../src/ports/clock.ts";

export interface Patience {
  /** Milliseconds until it gives up, a minute where nothing is said: machines that test are slow at times. */
  readonly withinMs?: number;
  /** Milliseconds between two looks, 100 where nothing is said. */
  readonly everyMs?: number;
  readonly clock?: Clock;
}

/** Thrown by a look that sees that waiting is of no use any more. */
export class Hopeless extends Error {}

/**
 * Looks again and again until `look` returns something other than undefined or false, and returns that.
 *
 * @throws Error naming `what` and the last thing that `look` threw, when the time is over; Hopeless as soon as it is thrown
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience = {},
): Promise<T> {
  const { withinMs = 60_000, everyMs = 100, clock = systemClock } = patience;
  const begunMs = clock.now().monoMs;
  let last = "";
  while (clock.now().monoMs - begunMs < withinMs) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = `; last answer: ${messageOf(error)}`;
    }
    await clock.sleep(everyMs);
  }
  throw new Error(`not within ${withinMs} ms: ${what}${last}`);
}
