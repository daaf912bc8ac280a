/** Milliseconds on this process's monotonic clock. Ages and deadlines are differences of these. */
export type MonoMs = number;

/** Milliseconds since 1970 on the wall clock. Only for text that people read and for moments that people name. */
export type WallMs = number;

/** One reading of both clocks. The core never reads a clock: it is handed one of these. */
export interface Now {
  readonly monoMs: MonoMs;
  readonly wallMs: WallMs;
}

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
