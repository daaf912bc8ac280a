import type { Clock } from "../ports/clock.ts";

/** What a run of one key wants next: `afterMs` until another look, or nothing until it is added again. */
export type Again = { readonly afterMs: number } | undefined;

/** Pause after work that threw, which is a bug: trying at once would only meet it again. */
const afterErrorMs = 5_000;

/**
 * Runs work by key: one run a key at a time, additions during a run coalesce into one more run, delays are replaced by
 * an earlier one. Bounded by the number of keys.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #work: (key: string) => Promise<Again>;
  readonly #signal: AbortSignal;
  readonly #onError: (key: string, error: unknown) => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #dirty = new Set<string>();
  readonly #timers = new Map<string, { readonly atMonoMs: number; readonly cancel: AbortController }>();

  /** @param onError is told when work threw; the key is run again 5 s later */
  constructor(
    clock: Clock,
    work: (key: string) => Promise<Again>,
    signal: AbortSignal,
    onError: (key: string, error: unknown) => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#work = work;
    this.#signal = signal;
    this.#onError = onError;
  }

  /** How many keys run or wait for a run. */
  get depth(): number {
    return this.#running.size + this.#timers.size;
  }

  /** Runs the key now, or right after its present run. */
  add(key: string): void {
    if (this.#signal.aborted) return;
    this.#timers.get(key)?.cancel.abort();
    this.#timers.delete(key);
    if (this.#running.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#running.set(key, this.#run(key));
  }

  /** Runs the key in `ms`, unless it runs or is due earlier. */
  addAfter(key: string, ms: number): void {
    if (this.#signal.aborted) return;
    const atMonoMs = this.#clock.now().monoMs + ms;
    const timer = this.#timers.get(key);
    if (timer !== undefined && timer.atMonoMs <= atMonoMs) return;
    timer?.cancel.abort();
    const cancel = new AbortController();
    this.#timers.set(key, { atMonoMs, cancel });
    this.#clock.sleep(ms, AbortSignal.any([cancel.signal, this.#signal])).then(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      () => undefined,
    );
  }

  /** Resolves when no run is under way; call it after the signal aborted. */
  async drained(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Never throws: nobody awaits it but `drained`. */
  async #run(key: string): Promise<void> {
    const again = await this.#runWhileDirty(key).catch((error: unknown) => this.#failed(key, error));
    this.#running.delete(key);
    this.#dirty.delete(key);
    if (again !== undefined) this.addAfter(key, again.afterMs);
  }

  async #runWhileDirty(key: string): Promise<Again> {
    let again: Again;
    do {
      this.#dirty.delete(key);
      again = await this.#work(key);
    } while (this.#dirty.has(key) && !this.#signal.aborted);
    return again;
  }

  #failed(key: string, error: unknown): Again {
    try {
      if (!this.#signal.aborted) this.#onError(key, error);
    } catch {
      // A report that fails has nobody left to be told to; the key must run again all the same.
    }
    return { afterMs: afterErrorMs };
  }
}
