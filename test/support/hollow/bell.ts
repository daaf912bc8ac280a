import type { Clock } from "../../../src/ports/clock.ts";

/** Wakes one waiting loop. A ring while nobody waits is kept for the next wait. */
export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, when the signal aborts, or after `ms` where a time is given. */
  async wait(clock: Clock, signal: AbortSignal, ms?: number): Promise<void> {
    if (!this.#isRung && !signal.aborted) {
      const over = new AbortController();
      const rung = new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
      });
      const timer = ms === undefined ? [] : [clock.sleep(ms, over.signal).catch(() => {})];
      await Promise.race([rung, ...timer]);
      over.abort();
      this.#wake = undefined;
    }
    this.#isRung = false;
  }
}
