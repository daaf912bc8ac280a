/**
 * Reads `40%` or `12.5%`.
 *
 * @returns the share, 0 to 1; undefined when it is no percentage in 0% to 100%
 */
export function parsePercent(text: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,6})?%$/.test(text)) return undefined;
  const percent = Number(text.slice(0, -1));
  return percent <= 100 ? percent / 100 : undefined;
}

/** Writes a share (0 to 1) as `40%`, with at most six decimals. */
export function formatPercent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))}%`;
}
