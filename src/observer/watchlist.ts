import { messageOf } from "../core/errors.ts";
import { type MonoMs, minuteMs, secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { ProbeTarget, TargetList } from "../ports/reports.ts";
import { backoff } from "../util/backoff.ts";

const timeoutMs = 20 * secondMs;
const refreshEveryMs = 5 * minuteMs;
/** A target that begins to fail asks for a new list, but lists are at least this far apart. */
const apartMs = 30 * secondMs;

/** The nodes to probe: listed now and then, kept when the API server is away. */
export class Watchlist {
  readonly #source: TargetList;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #retry = backoff(secondMs, 30 * secondMs);
  #targets: readonly ProbeTarget[] | undefined;
  #listedAtMonoMs = 0;
  #dueAtMonoMs = 0;

  constructor(source: TargetList, clock: Clock, log: Log) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
  }

  /** As last listed; undefined before the first list. */
  get targets(): readonly ProbeTarget[] | undefined {
    return this.#targets;
  }

  /** When to list next. */
  get dueAtMonoMs(): MonoMs {
    return this.#dueAtMonoMs;
  }

  /** A target may have been removed or made anew: list as soon as the distance between lists allows. */
  doubt(): void {
    this.#dueAtMonoMs = Math.min(this.#dueAtMonoMs, this.#listedAtMonoMs + apartMs);
  }

  /** Lists if it is time to. Never throws; what does not work is tried again later. @returns whether there is a new list */
  async refresh(signal: AbortSignal): Promise<boolean> {
    if (this.#clock.now().monoMs < this.#dueAtMonoMs) return false;
    try {
      using deadline = this.#clock.deadline(timeoutMs, signal);
      this.#targets = await this.#source.list(deadline.signal);
      this.#listedAtMonoMs = this.#clock.now().monoMs;
      this.#dueAtMonoMs = this.#listedAtMonoMs + refreshEveryMs;
      this.#retry.reset();
      return true;
    } catch (error) {
      const waitMs = this.#retry.next();
      this.#dueAtMonoMs = this.#clock.now().monoMs + waitMs;
      const fields = { waitMs: Math.round(waitMs), error: messageOf(error) };
      if (!signal.aborted) this.#log.warn(fields, "listing the nodes to probe did not work; trying again");
      return false;
    }
  }
}
