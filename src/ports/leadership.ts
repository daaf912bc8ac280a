import type { Now, WallMs } from "../core/time.ts";

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

/** Who leads, as a replica sees it. */
export interface LeaderSight {
  readonly holder: string;
  /** By our own clock: when we saw its last sign of life. */
  readonly renewedAtWallMs: WallMs;
  /** It gave a sign within the Lease's duration. */
  readonly isAlive: boolean;
  /** As the Lease says; undefined: it does not. */
  readonly acquiredAtWallMs: WallMs | undefined;
}

/** Leader election over a Lease. */
export interface Leadership {
  readonly identity: string;
  /** As last seen in the Lease; for people to read. */
  readonly holder: string | undefined;
  /** Undefined: nobody holds the Lease, or it was not read yet. */
  sight(now: Now): LeaderSight | undefined;
  /**
   * Takes part in the election until the signal aborts. `lead` runs once a term and must end soon after the term's
   * signal aborts; the next term begins only after it ended.
   */
  run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void>;
}
