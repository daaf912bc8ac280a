import type { Clock } from "../ports/clock.ts";

/** Something heard this recently needs no new question. */
const recentMs = 20_000;
const askTimeoutMs = 2_000;

/** Whether this replica can do its work: ready while an API server answers. */
export class Readiness {
  readonly #clock: Clock;
  readonly #heardAt: () => number;
  readonly #ask: (signal: AbortSignal) => Promise<boolean>;
  #isStopping = false;

  /**
   * @param heardAt when the API server last sent anything
   * @param ask whether an API server answers now; must not throw
   */
  constructor(clock: Clock, heardAt: () => number, ask: (signal: AbortSignal) => Promise<boolean>) {
    this.#clock = clock;
    this.#heardAt = heardAt;
    this.#ask = ask;
  }

  /** Not ready from now on. */
  stop(): void {
    this.#isStopping = true;
  }

  async isReady(): Promise<boolean> {
    if (this.#isStopping) return false;
    if (this.#clock.now().monoMs - this.#heardAt() <= recentMs) return true;
    using deadline = this.#clock.deadline(askTimeoutMs);
    return this.#ask(deadline.signal);
  }
}
