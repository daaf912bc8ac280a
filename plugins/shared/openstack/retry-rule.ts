/** Answers after which a read is worth another try. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const mostRetries = 4;
const firstWaitMs = 500;
const mostRetryAfterMs = 60_000;

export function isPassing(status: number): boolean {
  return passing.has(status);
}

/**
 * How long to wait before the next try.
 *
 * @param tries made so far, at least 1 @param retryAfter the header's text
 * @param nowWallMs for a `Retry-After` that is a date @param random 0 to 1, for tests
 * @returns undefined when there should be none
 */
export function retryWaitMs(
  tries: number,
  retryAfter: string | undefined,
  nowWallMs: number,
  random: () => number = Math.random,
): number | undefined {
  if (tries > mostRetries) return undefined;
  const asked = retryAfterMs(retryAfter, nowWallMs);
  if (asked === undefined) return firstWaitMs * 2 ** (tries - 1) * (0.5 + random() / 2);
  return asked > mostRetryAfterMs ? undefined : asked;
}

/** Seconds, or a date of RFC 9110. @returns milliseconds from now, never negative; undefined when it is neither */
export function retryAfterMs(text: string | undefined, nowWallMs: number): number | undefined {
  const trimmed = text?.trim() ?? "";
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed) * 1_000;
  const isDate = /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(trimmed);
  const atMs = isDate ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowWallMs);
}
