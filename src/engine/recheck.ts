import type { Clock } from "../ports/clock.ts";

/** One timer: of several moments at which something is to be looked at again, the earliest counts. */
export class Recheck {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #onDue: () => void;
  #timer: { readonly atMonoMs: number; readonly cancel: AbortController } | undefined;

  constructor(clock: Clock, signal: AbortSignal, onDue: () => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#onDue = onDue;
  }

  in(ms: number): void {
    const afterMs = Math.max(1, ms);
    const now = this.#clock.now().monoMs;
    const atMonoMs = now + afterMs;
    if (this.#timer !== undefined && this.#timer.atMonoMs <= atMonoMs && this.#timer.atMonoMs > now) return;
    this.#timer?.cancel.abort();
    const cancel = new AbortController();
    this.#timer = { atMonoMs, cancel };
    this.#clock.sleep(afterMs, AbortSignal.any([cancel.signal, this.#signal])).then(
      () => {
        this.#timer = undefined;
        this.#onDue();
      },
      () => undefined,
    );
  }
}
