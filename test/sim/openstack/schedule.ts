import type { Clock } from "../../../src/ports/clock.ts";

/** Something that is to happen later. */
export interface Timer {
  cancel(): void;
}

/** Whatever the cloud does by itself happens here, by the clock, and ends with `stop`. */
export class Schedule {
  readonly clock: Clock;
  readonly #stop = new AbortController();
  /** What was thrown by work that ran: the simulator's own bugs. */
  readonly bugs: unknown[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get monoMs(): number {
    return this.clock.now().monoMs;
  }

  get wallMs(): number {
    return this.clock.now().wallMs;
  }

  after(ms: number, work: () => void): Timer {
    const own = new AbortController();
    const signal = AbortSignal.any([own.signal, this.#stop.signal]);
    this.clock.sleep(Math.max(0, ms), signal).then(
      () => {
        if (!signal.aborted) this.#run(work);
      },
      () => undefined,
    );
    return { cancel: () => own.abort() };
  }

  /** At a time of the monotonic clock; at once when that is over. */
  at(monoMs: number, work: () => void): Timer {
    return this.after(monoMs - this.monoMs, work);
  }

  stop(): void {
    this.#stop.abort();
  }

  #run(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.bugs.push(error);
    }
  }
}
