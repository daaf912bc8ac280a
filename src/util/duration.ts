/** Nanoseconds of each unit of Go's time.ParseDuration (https://pkg.go.dev/time#ParseDuration); µ in both code points. */
const unitNs: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const maxNs = 2n ** 63n - 1n;
const nsPerMs = 1_000_000;
const maxTextLength = 64;
const part = /(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/** Longest duration that Go can hold, in milliseconds (2562047h47m16.854775807s). */
export const maxDurationMs = Number(maxNs) / nsPerMs;

/**
 * Reads a duration as Go writes it: `1h2m3.5s`, `300ms`, `-5s`, `0`.
 *
 * @returns milliseconds, with a fraction below 1 ms; undefined when it is no duration or past Go's range
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > maxTextLength) return undefined;
  const isNegative = text.startsWith("-");
  const body = isNegative || text.startsWith("+") ? text.slice(1) : text;
  const ns = body === "0" ? 0n : sumOfParts(body);
  if (ns === undefined || ns > maxNs) return undefined;
  const ms = Number(ns / BigInt(nsPerMs)) + Number(ns % BigInt(nsPerMs)) / nsPerMs;
  return isNegative && ms !== 0 ? -ms : ms;
}

function sumOfParts(body: string): bigint | undefined {
  if (body === "") return undefined;
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < body.length) {
    const match = part.exec(body);
    if (match === null) return undefined;
    const [, whole = "0", fraction = "", bareFraction = "", unit = ""] = match;
    const scale = unitNs[unit] ?? 0n;
    const digits = fraction + bareFraction;
    total += BigInt(whole) * scale + (BigInt(digits === "" ? "0" : digits) * scale) / 10n ** BigInt(digits.length);
  }
  return total;
}

/**
 * Writes a duration the short way: `5m`, `1h30m`, `1m0.5s`, `300ms`, `0s`. What it writes, `parseDuration` reads back.
 *
 * @param ms of any sign, within Go's range; whole milliseconds are exact, a fraction is kept to the nanosecond
 */
export function formatDuration(ms: number): string {
  const absolute = Math.abs(ms);
  const sign = ms < 0 ? "-" : "";
  const wholeMs = Math.floor(absolute);
  const restNs = Math.round((absolute - wholeMs) * nsPerMs);
  if (restNs === nsPerMs) return formatDuration(Math.sign(ms) * (wholeMs + 1));
  if (wholeMs < 1_000) return (wholeMs + restNs === 0 ? "" : sign) + formatSmall(wholeMs * nsPerMs + restNs);
  const seconds = Math.floor(wholeMs / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = `${seconds % 60}${decimals((wholeMs % 1_000) * nsPerMs + restNs, 9)}`;
  return `${sign}${hours > 0 ? `${hours}h` : ""}${minutes > 0 ? `${minutes}m` : ""}${rest === "0" ? "" : `${rest}s`}`;
}

function formatSmall(ns: number): string {
  if (ns === 0) return "0s";
  if (ns < 1_000) return `${ns}ns`;
  if (ns < nsPerMs) return `${Math.floor(ns / 1_000)}${decimals(ns % 1_000, 3)}\u00b5s`;
  return `${Math.floor(ns / nsPerMs)}${decimals(ns % nsPerMs, 6)}ms`;
}

function decimals(fraction: number, width: number): string {
  return fraction === 0 ? "" : `.${String(fraction).padStart(width, "0").replace(/0+$/, "")}`;
}
