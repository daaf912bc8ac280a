import type { Now } from "../core/time.ts";

/** One term of leadership. `transitions` is the Lease's leaseTransitions: it grows with each change of leader. */
export interface Term {
  readonly transitions: number;
  /** True when the leader before gave the lease away by itself instead of falling silent. */
  readonly wasHandedOver: boolean;
  /** Aborts 2 s before an unrenewed lease ends, when the lease is lost, or when it is released. */
  readonly signal: AbortSignal;
  /** Leadership left by the larger of monotonic and wall time since the last renewal was *sent*. Never negative. */
  remainingMs(now: Now): number;
  /** Gives the lease away at once; this replica stays out of the election for `abstainMs`. */
  release(abstainMs: number): Promise<void>;
}

/** Leader election over a Lease. */
export interface Leadership {
  readonly identity: string;
  /** As last seen in the Lease; for people to read. */
  readonly holder: string | undefined;
  /**
   * Takes part in the election until the signal aborts. `lead` runs once a term and must end soon after the term's
   * signal aborts; the next term begins only after it ended.
   */
  run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void>;
}
