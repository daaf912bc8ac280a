/** Label values of one series; bounded sets only (never a node name on counters). */
export type MeterLabels = Readonly<Record<string, string>>;

/** Metrics, by the names listed in `http/metrics`. Never throws. */
export interface Meter {
  /** Adds to a counter `aceso_…_total`. */
  count(name: string, labels?: MeterLabels, amount?: number): void;
  /** Sets a gauge. */
  set(name: string, value: number, labels?: MeterLabels): void;
  /** Observes a duration, in seconds, in a histogram `aceso_…_seconds`. */
  time(name: string, seconds: number, labels?: MeterLabels): void;
}
