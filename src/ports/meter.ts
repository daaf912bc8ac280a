/** Label values of one series; bounded sets only (never a node's name, never free text). */
export type MeterLabels = Readonly<Record<string, string>>;

export interface MeterSeries {
  readonly labels?: MeterLabels;
  readonly value: number;
}

/** Metrics, by the names listed in `http/metric-list`. Never throws. */
export interface Meter {
  /** Adds to a counter `aceso_…_total`. */
  count(name: string, labels?: MeterLabels, amount?: number): void;
  /** Sets a gauge. */
  set(name: string, value: number, labels?: MeterLabels): void;
  /** Makes these the only series of a gauge; none: the gauge is not shown. */
  replace(name: string, series: readonly MeterSeries[]): void;
  /** Observes a duration, in seconds, in a histogram `aceso_…_seconds`. */
  time(name: string, seconds: number, labels?: MeterLabels): void;
}
