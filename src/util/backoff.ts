/** How long to wait before attempt after attempt: doubles from `firstMs` to `mostMs`. */
export interface Backoff {
  /** The next wait in milliseconds: between half and the whole of the step, so that replicas do not move in step. */
  next(): number;
  /** Starts again at `firstMs`; called after a success. */
  reset(): void;
}

/** @param random 0 to 1, for tests */
export function backoff(firstMs: number, mostMs: number, random: () => number = Math.random): Backoff {
  let stepMs = firstMs;
  return {
    next() {
      const waitMs = stepMs * (0.5 + random() / 2);
      stepMs = Math.min(mostMs, stepMs * 2);
      return waitMs;
    },
    reset() {
      stepMs = firstMs;
    },
  };
}
