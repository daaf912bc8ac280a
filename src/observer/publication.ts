import { type MonoMs, minuteMs } from "../core/time.ts";
import type { Report } from "../ports/reports.ts";

/** The last report that the API server took. */
export interface Published {
  readonly report: Report;
  readonly atMonoMs: MonoMs;
}

/** An unchanged report is written again after this time, to show that its observer lives. */
export const heartbeatMs = minuteMs;

/**
 * When the report is to be written: at once when it says something else than the last one, else a heartbeat later.
 * Only who fails, who is unknown and the self-doubt count; a message in other words waits for the heartbeat.
 */
export function publishAtMs(last: Published | undefined, report: Report, nowMs: MonoMs): MonoMs {
  if (last === undefined || meaning(last.report) !== meaning(report)) return nowMs;
  return last.atMonoMs + heartbeatMs;
}

function meaning({ failing, unknown, suspectsSelf, targets, intervalMs }: Report): string {
  return JSON.stringify([
    failing.map(({ node, nodeUid, check, sinceWallMs }) => [node, nodeUid, check, sinceWallMs]),
    unknown.map(({ node, check }) => [node, check]),
    suspectsSelf,
    targets,
    intervalMs,
  ]);
}
