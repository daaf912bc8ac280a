import { maxDurationMs, parseDuration } from "../util/duration.ts";
import { Refusal } from "./refusal.ts";
import type { WardWish } from "./ward.ts";

/** As long as the NodeRepair's schema allows. */
const longestReason = 1_024;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What a person asks for. */
export interface ReadWish {
  readonly reason: string | undefined;
  /** RFC 3339, in UTC. */
  readonly until: string | undefined;
  readonly releaseHold: boolean;
}

/**
 * What a body asks for.
 *
 * @param allowed keys that this change knows
 * @throws Refusal 400
 */
export function readWish(
  body: Readonly<Record<string, unknown>>,
  allowed: readonly (keyof WardWish)[],
  nowWallMs: number,
): ReadWish {
  const stray = Object.keys(body).find((key) => !(allowed as readonly string[]).includes(key));
  if (stray !== undefined) throw bad(`${stray.slice(0, 40)}: unknown key; known: ${allowed.join(", ")}`);
  const { reason, releaseHold = false } = body;
  if (reason !== undefined && (typeof reason !== "string" || reason.length > longestReason))
    throw bad(`reason: expected text of at most ${longestReason} characters`);
  if (typeof releaseHold !== "boolean") throw bad("releaseHold: expected true or false");
  return { reason: reason?.trim() || undefined, until: endOf(body, nowWallMs), releaseHold };
}

function endOf({ until, for: span }: Readonly<Record<string, unknown>>, nowWallMs: number): string | undefined {
  if (until !== undefined && span !== undefined) throw bad("until and for exclude each other");
  if (until !== undefined) return requireFuture(until, nowWallMs);
  if (span === undefined) return undefined;
  const ms = typeof span === "string" ? parseDuration(span) : undefined;
  if (ms === undefined || ms <= 0 || ms > maxDurationMs) throw bad("for: expected a duration such as 30m or 2h");
  return wholeSecond(nowWallMs + ms);
}

function requireFuture(until: unknown, nowWallMs: number): string {
  const wallMs = typeof until === "string" && rfc3339.test(until) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(wallMs)) throw bad("until: expected a time such as 2026-01-31T18:00:00Z");
  if (wallMs <= nowWallMs) throw bad("until: that time is over");
  return wholeSecond(wallMs);
}

function wholeSecond(wallMs: number): string {
  return `${new Date(Math.ceil(wallMs / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
}

/** Text for the annotation, in which `false` would mean: not paused. @throws Refusal 400 */
export function pauseReason({ reason = "true" }: ReadWish): string {
  if (reason === "false") throw bad('reason: "false" would mean that nothing is paused');
  return reason;
}

function bad(message: string): Refusal {
  return new Refusal(400, "bad-request", message);
}
