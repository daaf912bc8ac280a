/** The middle value; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The smallest value that at least `share` (0 to 1) of the values do not exceed. NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Milliseconds as `12.3 s`; a dash where there is no number. */
export function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s` : "–";
}

export function milliseconds(ms: number): string {
  return Number.isFinite(ms) ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : "–";
}

export function mebibytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return Number.isFinite(value) ? `${value.toFixed(value < 10 ? 2 : 0)} MiB` : "–";
}

/** `12.3×`; a dash where there is no number. */
export function ratio(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(value < 10 ? 2 : 0)}×` : "–";
}

/** The median, and the range where the values differ. */
export function spread(values: readonly number[], format: (value: number) => string): string {
  const known = values.filter(Number.isFinite);
  const [least, most] = [format(Math.min(...known)), format(Math.max(...known))];
  return known.length === 0 || least === most ? format(median(known)) : `${format(median(known))} (${least}–${most})`;
}
