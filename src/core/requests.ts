import { chooseRung } from "./ladder.ts";
import { openRequest, whyRefused } from "./open-request.ts";
import type { Policy } from "./policy.ts";
import { isActive, noRepairId, openIntent, type RepairRecord } from "./record.ts";
import { enterPhase, nextAttempt, withEvidence, withHold } from "./record-changes.ts";
import type { WallMs } from "./time.ts";

/**
 * Answers a request that must not be acted upon (`whyRefused`). What a repair that is under way or held says of itself
 * stays.
 *
 * @returns the record to write, or undefined when there is nothing to refuse
 */
export function refuseStale(record: RepairRecord, wallMs: WallMs): RepairRecord | undefined {
  const because = whyRefused(record, wallMs);
  return because === undefined ? undefined : refuse(record, because);
}

/** The record's request is answered: it was refused. @param because one sentence for people */
export function refuse(record: RepairRecord, because: string): RepairRecord {
  const { request } = record.wishes;
  if (request === undefined) return record;
  const isAtWork = isActive(record) || record.phase === "Held";
  return {
    ...record,
    handledRequest: request.id,
    refusedRequest: { id: request.id, because },
    ...(isAtWork ? {} : { message: `refused: ${because}` }),
  };
}

/**
 * Answers a person's request to a repair that is under way or held, once. A `repair` request on a node without one is
 * left to `decide`.
 *
 * @returns the record to write, or undefined when there is nothing to answer
 */
export function answerRequest(
  record: RepairRecord,
  policy: Policy,
  isSilent: boolean,
  wallMs: WallMs,
): RepairRecord | undefined {
  const request = openRequest(record, wallMs);
  if (request === undefined) return undefined;
  if (!isActive(record) && record.phase !== "Held") return undefined;
  const answered: RepairRecord = { ...record, handledRequest: request.id };
  if (request.kind === "confirm-off") return confirmOff(answered, wallMs);
  return record.phase === "Held" ? releaseHold(answered, policy, isSilent, wallMs) : answered;
}

function releaseHold(record: RepairRecord, policy: Policy, isSilent: boolean, wallMs: WallMs): RepairRecord {
  const ladder = record.plan?.ladder ?? [];
  // Attempts count from one again, so the last result would read as if it were of the attempt that begins now.
  const { intent: _intent, result: _result, ...rest } = record;
  const fresh: RepairRecord = { ...(openIntent(record) === undefined ? rest : record), attempts: [] };
  const next = chooseRung(ladder, undefined, isSilent, [], policy, wallMs);
  if (next === undefined) return enterPhase(fresh, "Cordoning", "a person released the hold", wallMs);
  return nextAttempt(fresh, next, "a person released the hold", wallMs);
}

function confirmOff(record: RepairRecord, wallMs: WallMs): RepairRecord {
  const { request } = record.wishes;
  const bootID = record.identity?.bootID ?? "";
  const named = request?.repairId ?? noRepairId;
  if (named !== noRepairId && named !== record.id) {
    return withHold(record, record.reason, `confirm-off names repair ${named}, this one is ${record.id}`);
  }
  if (request?.bootId !== bootID)
    return withHold(record, record.reason, `confirm-off names another boot than ${bootID}`);
  const who = record.wishes.requestedBy ?? "a person";
  const confirmed = withEvidence({ ...record, confirmedOff: { bootID, atWallMs: wallMs } }, [
    {
      source: who,
      machine: String(record.identity?.machine ?? record.node),
      value: "confirmed-off-by-person",
      text: record.wishes.reason ?? "no reason given",
      readAtWallMs: wallMs,
    },
  ]);
  return record.phase === "Held"
    ? enterPhase(confirmed, "Releasing", `${who} confirmed that the machine is off`, wallMs)
    : confirmed;
}
