import { messageOf } from "../core/errors.ts";
import { type MonoMs, minuteMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** Warns of something that fails again and again: at the `patience`-th failure in a row, then once a minute, then when it is over. */
export class RepeatedProblem {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #what: string;
  readonly #patience: number;
  #failures = 0;
  #saidAt: MonoMs | undefined;

  /** @param what completes "… fails", as `reading the kubelets' Leases` */
  constructor(clock: Clock, log: Log, what: string, patience = 1) {
    this.#clock = clock;
    this.#log = log;
    this.#what = what;
    this.#patience = patience;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    const { monoMs } = this.#clock.now();
    const isDue = this.#saidAt === undefined ? this.#failures >= this.#patience : monoMs - this.#saidAt >= minuteMs;
    if (!isDue) return;
    this.#saidAt = monoMs;
    this.#log.warn({ why: messageOf(error), failures: this.#failures }, `${this.#what} fails`);
  }

  worked(): void {
    if (this.#saidAt !== undefined) this.#log.info({ failures: this.#failures }, `${this.#what} works again`);
    this.#failures = 0;
    this.#saidAt = undefined;
  }
}
