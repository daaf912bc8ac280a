import type { Now } from "../../src/core/time.ts";
import type { Clock, Deadline } from "../../src/ports/clock.ts";
import { type Activity, Quiet } from "./quiet.ts";
import { TimerQueue } from "./timer-queue.ts";

export interface VirtualClockOptions {
  /** 2026-01-01T00:00:00Z unless given. */
  readonly wallMs?: number;
  /** Real time after which one `runUntil`, `advance` or `settle` gives up; a minute unless given. */
  readonly realCapMs?: number;
}

/**
 * Time that stands still until a test moves it, and then jumps from timer to timer, each jump only when nothing is in
 * flight: no tracked call, nothing that an added source reports, and the event loop drained. One clock serves the app
 * and the simulators. Library timers, worker threads and files are not seen: track them.
 */
export class VirtualClock implements Clock {
  readonly #timers = new TimerQueue();
  readonly #quiet: Quiet;
  readonly #realCapMs: number;
  #monoMs = 1_000_000;
  #wallMs: number;

  constructor(options: VirtualClockOptions = {}) {
    this.#wallMs = options.wallMs ?? 1_767_225_600_000;
    this.#realCapMs = options.realCapMs ?? 60_000;
    this.#quiet = new Quiet();
  }

  now(): Now {
    return { monoMs: this.#monoMs, wallMs: this.#wallMs };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.#timers.add(this.#monoMs + Math.max(0, ms), `sleep ${ms} ms`, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  deadline(ms: number, parent?: AbortSignal): Deadline {
    const controller = new AbortController();
    const onParent = () => controller.abort(parent?.reason);
    const cancel = this.#timers.add(this.#monoMs + Math.max(0, ms), `deadline ${ms} ms`, () =>
      controller.abort(new DOMException(`no answer within ${ms} ms`, "TimeoutError")),
    );
    if (parent?.aborted) onParent();
    else parent?.addEventListener("abort", onParent, { once: true });
    return {
      signal: controller.signal,
      [Symbol.dispose]() {
        cancel();
        parent?.removeEventListener("abort", onParent);
      },
    };
  }

  /**
   * Time does not move while this promise is pending: for calls that really leave the process (a child, a socket without
   * counting agent). A call that itself sleeps on this clock must not be tracked: it would wait for itself.
   */
  track<T>(promise: Promise<T>, what: string): Promise<T> {
    return this.#quiet.track(promise, what);
  }

  /** Time does not move while this source reports something. Returns the way to remove it. */
  addSource(source: Activity): () => void {
    return this.#quiet.add(source);
  }

  /** Waits until nothing is in flight; time does not move. @throws Error naming what is, after the real cap */
  async settle(): Promise<void> {
    await this.#settle(this.#realDeadline(), "settling");
  }

  /** Moves time by `ms`, through every timer on the way. @throws Error after the real cap */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#monoMs + ms;
    const realEnd = this.#realDeadline();
    await this.#settle(realEnd, `advancing by ${ms} ms`);
    for (let next = this.#timers.nextAtMs(); next !== undefined && next <= targetMs; next = this.#timers.nextAtMs()) {
      this.#step(next);
      await this.#settle(realEnd, `advancing by ${ms} ms`);
    }
    this.#moveTo(targetMs);
  }

  /**
   * Moves time until the condition holds; it is asked whenever everything is quiet.
   * Returns how much virtual time that took.
   * @throws Error with the pending timers when it does not hold within `limitMs`, or there is nothing left to wait for
   */
  async runUntil(
    condition: () => boolean | Promise<boolean>,
    limitMs: number,
    what = "the condition",
  ): Promise<number> {
    const startMs = this.#monoMs;
    const realEnd = this.#realDeadline();
    for (;;) {
      await this.#settle(realEnd, `waiting for ${what}`);
      if (await condition()) return this.#monoMs - startMs;
      const next = this.#timers.nextAtMs();
      if (next === undefined || next > startMs + limitMs) throw this.#unmet(what, limitMs, startMs);
      this.#step(next);
    }
  }

  /** Somebody sets the wall clock; monotonic time does not notice. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  /** The process was frozen this long: both clocks moved and no timer ran; what is due runs with the next step. */
  freeze(ms: number): void {
    this.#monoMs += ms;
    this.#wallMs += ms;
  }

  /** Timers and what is in flight, for messages. */
  describe(): string {
    const flying = this.#quiet.inFlight();
    return [
      `in flight: ${flying.length === 0 ? "nothing" : flying.join("; ")}`,
      `timers: ${this.#timers.describe(this.#monoMs)}`,
    ].join("\n");
  }

  #step(nextMs: number): void {
    this.#moveTo(nextMs);
    this.#timers.runFirst();
  }

  #moveTo(targetMs: number): void {
    const ms = Math.max(0, targetMs - this.#monoMs);
    this.#monoMs += ms;
    this.#wallMs += ms;
  }

  #realDeadline(): bigint {
    return process.hrtime.bigint() + BigInt(this.#realCapMs) * 1_000_000n;
  }

  async #settle(realEnd: bigint, doing: string): Promise<void> {
    const isQuiet = await this.#quiet.wait(realEnd);
    if (!isQuiet) throw new Error(`${doing}: not quiet within ${this.#realCapMs} ms of real time\n${this.describe()}`);
  }

  #unmet(what: string, limitMs: number, startMs: number): Error {
    const spent = this.#monoMs - startMs;
    return new Error(
      `${what} did not come within ${limitMs} ms of virtual time (now at ${spent} ms)\n${this.describe()}`,
    );
  }
}
