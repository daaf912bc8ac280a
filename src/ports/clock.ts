import type { Now } from "../core/time.ts";

/** A signal that aborts after a time; dispose it when the call is over, so that no timer is left behind. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * The only source of time. Tests hand in a virtual one, so `Date.now`, `setTimeout` and `AbortSignal.timeout`
 * are lint errors everywhere else.
 */
export interface Clock {
  now(): Now;
  /** Resolves after `ms`. @throws the signal's reason when it aborts first */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborts with a `DOMException` named TimeoutError after `ms`, or with the parent's reason when that aborts first. */
  deadline(ms: number, parent?: AbortSignal): Deadline;
}
