import { systemClock } from "../../src/app/clock.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** The machine's own clocks, but sleeps are over at once, and written down: for waits between tries. */
export function hastyClock(): Clock & { readonly sleeps: readonly number[] } {
  const sleeps: number[] = [];
  return {
    ...systemClock,
    sleeps,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
    },
  };
}
