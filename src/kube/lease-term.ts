import type { Now } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Term } from "../ports/leadership.ts";

/** A term ends this long before an unrenewed lease does. */
export const safetyMs = 2_000;

/** How a term began. */
export interface Taken {
  readonly transitions: number;
  readonly wasHandedOver: boolean;
  readonly durationMs: number;
  /** Longest time without a renewal before the leader gives up by itself. */
  readonly renewDeadlineMs: number;
  readonly sentAt: Now;
}

/** One term over a Lease. The elector renews it; whoever leads only looks at it. */
export class LeaseTerm implements Term {
  readonly transitions: number;
  readonly wasHandedOver: boolean;
  readonly #durationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #renewedAt: Now;
  #abstainMs = 0;

  /** @param taken `sentAt`: when the call that took the lease was *sent* */
  constructor(taken: Taken, clock: Clock) {
    this.transitions = taken.transitions;
    this.wasHandedOver = taken.wasHandedOver;
    this.#durationMs = taken.durationMs;
    this.#renewDeadlineMs = Math.min(taken.renewDeadlineMs, taken.durationMs - safetyMs);
    this.#renewedAt = taken.sentAt;
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** How long this replica wants to stay out of the election after the term. */
  get abstainMs(): number {
    return this.#abstainMs;
  }

  remainingMs(now: Now): number {
    if (this.signal.aborted) return 0;
    const mono = now.monoMs - this.#renewedAt.monoMs;
    const wall = now.wallMs - this.#renewedAt.wallMs;
    return Math.max(0, this.#durationMs - Math.max(mono, wall));
  }

  /** A renewal that was sent then is stored. */
  renewed(sentAt: Now): void {
    this.#renewedAt = sentAt;
  }

  end(why: string): void {
    if (!this.signal.aborted) this.#ended.abort(new DOMException(why, "AbortError"));
  }

  /** Ends the term; the elector writes the hand-over as soon as `lead` has returned. */
  async release(abstainMs: number): Promise<void> {
    this.#abstainMs = abstainMs;
    this.end("the lease is given away");
  }

  /**
   * Ends the term when it was not renewed for the renew deadline, and 2 s before the lease ends at the latest; returns
   * when the term is over.
   */
  async watchOver(): Promise<void> {
    while (!this.signal.aborted) {
      const leftMs = this.#renewedAt.monoMs + this.#renewDeadlineMs - this.#clock.now().monoMs;
      if (leftMs <= 0) this.end("the lease was not renewed in time");
      else await this.#clock.sleep(leftMs, this.signal).catch(() => undefined);
    }
  }
}
