/** Keystone writes `2026-11-21T22:17:57.146399`, with or without `Z`; both are UTC. */
const form = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/;

/** @returns milliseconds since 1970 of the writer's clock, or undefined when it is no such date */
export function parseTokenDate(text: unknown): number | undefined {
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) return undefined;
  const [, day, time, fraction = "", zone = "Z"] = match;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const ms = Date.parse(`${day}T${time}${fraction.slice(0, 4).padEnd(fraction === "" ? 0 : 4, "0")}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** A token without readable dates is used this long. */
const guessedLifetimeMs = 300_000;

/**
 * How long a token lives, from the two dates that its writer's clock gave it: no other clock is compared with them.
 *
 * @returns milliseconds, never negative
 */
export function tokenLifetimeMs(token: { readonly issued_at?: unknown; readonly expires_at?: unknown }): number {
  const issuedAtMs = parseTokenDate(token.issued_at);
  const expiresAtMs = parseTokenDate(token.expires_at);
  if (issuedAtMs === undefined || expiresAtMs === undefined) return guessedLifetimeMs;
  return Math.max(0, expiresAtMs - issuedAtMs);
}
