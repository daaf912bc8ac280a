import type { VirtualClock } from "../virtual-clock.ts";
import type { Pace } from "./kit.ts";

/** Virtual time that one test may take. */
const limitMs = 3_600_000;

/** Time jumps on whenever the test and the cloud wait for nothing else. */
export function virtualPace(clock: VirtualClock): Pace {
  return {
    clock,
    async run(work) {
      let isOver = false;
      const working = work().finally(() => {
        isOver = true;
      });
      working.catch(() => undefined);
      await clock.runUntil(() => isOver, limitMs, "the test's end");
      await working;
    },
  };
}
