import { ageText } from "./age.ts";
import type { RepairRecord, RepairRequest } from "./record.ts";
import { hourMs, type MonoMs, minuteMs, type Now, type WallMs } from "./time.ts";

/**
 * A request is acted upon until it is this old. By their defaults no guard that time alone ends makes it wait longer
 * (`max-repairs-per-hour` looks back an hour). What waits longer waits for a person, who can ask again.
 */
export const requestLastsMs = hourMs;

/** How far the clocks of whoever asked, of the API server and of the leader may be apart. */
export const clocksApartMs = 5 * minuteMs;

/**
 * A person's request that nobody answered yet and that may be acted upon.
 *
 * @param wallMs the leader's wall clock
 */
export function openRequest(record: RepairRecord | undefined, wallMs: WallMs): RepairRequest | undefined {
  const request = unanswered(record);
  return request === undefined || problemOf(record, request, wallMs) !== undefined ? undefined : request;
}

/**
 * Why a request that nobody answered yet is not acted upon, with what to do: one sentence for people. A backup brings a
 * request back and leaves out the status that says it was answered, so only one that was asked just now counts.
 *
 * @returns undefined when there is none, or nothing is wrong with it
 */
export function whyRefused(record: RepairRecord | undefined, wallMs: WallMs): string | undefined {
  const request = unanswered(record);
  const problem = request && problemOf(record, request, wallMs);
  return problem && `the request ${request.kind} (${request.id}) ${problem}`;
}

/** When a request that is open now becomes too old; later than now. */
export function requestEndsAt(record: RepairRecord, now: Now): MonoMs | undefined {
  const askedAtWallMs = openRequest(record, now.wallMs)?.askedAtWallMs;
  return askedAtWallMs === undefined ? undefined : now.monoMs + (askedAtWallMs + requestLastsMs - now.wallMs) + 1;
}

function unanswered(record: RepairRecord | undefined): RepairRequest | undefined {
  const request = record?.wishes.request;
  return request?.id === record?.handledRequest ? undefined : request;
}

function problemOf(
  record: RepairRecord | undefined,
  { askedAtWallMs }: RepairRequest,
  wallMs: WallMs,
): string | undefined {
  if (askedAtWallMs === undefined) {
    return "does not say when it was asked (spec.request.askedAt), so a backup may have brought it back; ask again with aceso, or write askedAt (aceso doctor tells whether the cluster drops it)";
  }
  const ageMs = wallMs - askedAtWallMs;
  const at = `was asked at ${wholeSecond(askedAtWallMs)}`;
  if (ageMs < -clocksApartMs) {
    return `${at}, but the leader's clock says ${wholeSecond(wallMs)}: set the clocks right, then ask again`;
  }
  if (ageMs > requestLastsMs) {
    return `${at}, ${ageText(ageMs)} ago, and a request counts for ${ageText(requestLastsMs)}; ask again`;
  }
  const madeAtWallMs = record?.objectCreatedAtWallMs;
  if (madeAtWallMs !== undefined && madeAtWallMs - askedAtWallMs > clocksApartMs) {
    return `${at}, before this NodeRepair was made at ${wholeSecond(madeAtWallMs)}: a backup brought it back; ask again`;
  }
  return undefined;
}

/** RFC 3339 in UTC, as Kubernetes writes its own times. */
function wholeSecond(wallMs: WallMs): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
