import { type Explanation, type RoundEntry, wardRound } from "../core/explain.ts";
import { pauseOf, standingPauses } from "../core/pause.ts";
import type { EnteredPhase, Phase, RepairRecord } from "../core/record.ts";
import { isActive } from "../core/record.ts";
import { phasesOf } from "../core/record-phases.ts";
import type { Now, WallMs } from "../core/time.ts";
import { type ClusterView, recordOf } from "../core/view.ts";
import { isFresh } from "../core/votes.ts";
import type { Ward, WardObserver, WardPatient, WardPause, WardPhase, WardRepair, WardRepairNow } from "./ward.ts";

/** What a replica knows at one moment. */
export interface WardSight {
  readonly view: ClusterView;
  /** `wallMs` is what the page is told as the time. */
  readonly now: Now;
  readonly leader:
    | { readonly instance: string; readonly renewedAtWallMs: WallMs; readonly isAlive: boolean }
    | undefined;
  readonly servedBy: Ward["servedBy"];
  readonly version: string;
  readonly configSource: string;
  readonly notes: readonly string[];
}

const mostPatients = 500;
const mostRepairs = 20;
const mostFailing = 20;

/** All that the page shows. Pure; leader and follower show what they know through this one function. */
export function buildWard(sight: WardSight, revision: number): Ward {
  const { view, now, leader, servedBy, version, configSource, notes } = sight;
  const round = wardRound(view, now);
  const ranked = round.map((entry) => ({ entry, rank: urgency(entry, view) }));
  const urgent = ranked.sort((a, b) => a.rank - b.rank).slice(0, mostPatients);
  return {
    asOf: timeText(now.wallMs),
    revision,
    version,
    servedBy,
    leader: leader
      ? { instance: leader.instance, renewedAt: timeText(leader.renewedAtWallMs), isAlive: leader.isAlive }
      : null,
    isDryRun: view.policy.isDryRun,
    provider: view.policy.provider?.id ?? "none",
    configSource,
    notes,
    pauses: standingPauses(view).map(pauseJson),
    observers: view.observers.map((it) => observerJson(it, now)),
    nodes: { total: view.nodes.size, notWell: round.length, byState: countStates(view, round) },
    patients: urgent.map(({ entry }) => patientOf(entry.explain(), view, now)),
    timeline: lastRepairs(view),
  };
}

/** One node that is not well. */
export function patientOf({ next, ...told }: Explanation, view: ClusterView, now: Now): WardPatient {
  const node = view.nodes.get(told.node);
  const record = recordOf(view, told.node);
  return {
    ...told,
    role: node?.role ?? null,
    next: { what: next.what, at: next.afterMs === undefined ? null : timeText(now.wallMs + next.afterMs) },
    isPaused: pauseOf(node, record, view) !== undefined,
    repair: record === undefined ? null : repairNow(record),
  };
}

/** Smaller is more urgent: who waits for a person, then who is being treated, then who is about to be. */
function urgency({ state, node }: RoundEntry, view: ClusterView): number {
  const record = recordOf(view, node);
  if (record?.phase === "Held") return 0;
  if (isActive(record)) return 1;
  const rank = ["Starting", "Adopting", "HandingOver", "Held", "Watched"].indexOf(state);
  return 2 + (rank === -1 ? 9 : rank);
}

function countStates(view: ClusterView, round: readonly RoundEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  let ofNodes = 0;
  for (const { node, state } of round) {
    counts[state] = (counts[state] ?? 0) + 1;
    if (view.nodes.has(node)) ofNodes += 1;
  }
  return { Well: view.nodes.size - ofNodes, ...counts };
}

function pauseJson(pause: ReturnType<typeof standingPauses>[number]): WardPause {
  const { scope, node, reason, by, untilWallMs } = pause;
  return {
    scope,
    node: node ?? null,
    reason,
    by: by ?? null,
    until: untilWallMs === undefined ? null : timeText(untilWallMs),
  };
}

function observerJson(observer: ClusterView["observers"][number], now: Now): WardObserver {
  const { instance, node, suspectsSelf, changedAtMonoMs } = observer;
  const failing = [...new Set(observer.failing.map((it) => it.node))];
  return {
    instance,
    node,
    isFresh: isFresh(observer, now),
    seenAt: timeText(now.wallMs - (now.monoMs - changedAtMonoMs)),
    suspectsSelf,
    failing: failing.slice(0, mostFailing),
    failingCount: failing.length,
  };
}

function repairNow(record: RepairRecord): WardRepairNow | null {
  const { id, phase, rung, attempt, reason, message, plan } = record;
  if (phase === undefined || (!isActive(record) && phase !== "Held")) return null;
  return {
    id,
    phase,
    phaseStartedAt: timeText(record.phaseStartedAtWallMs),
    startedAt: timeText(record.startedAtWallMs),
    ladder: plan?.ladder ?? [],
    rung: rung ?? null,
    attempt,
    reason,
    message,
    evidence: record.evidence.map(({ source, value, text, readAtWallMs }) => ({
      source,
      value,
      text,
      readAt: timeText(readAtWallMs),
    })),
    phases: spans(phasesOf(record), undefined),
  };
}

/** Each phase ends where the next begins; leaders' clocks differ, but no phase ends before it began. */
function spans(phases: readonly EnteredPhase[], endedAtWallMs: WallMs | undefined): WardPhase[] {
  return phases.map(({ phase, startedAtWallMs }: { phase: Phase; startedAtWallMs: WallMs }, index) => {
    const end = phases[index + 1]?.startedAtWallMs ?? endedAtWallMs;
    return {
      phase,
      startedAt: timeText(startedAtWallMs),
      endedAt: end === undefined ? null : timeText(Math.max(end, startedAtWallMs)),
    };
  });
}

/** The newest of all records' histories; a held repair that goes on is not over. */
function lastRepairs(view: ClusterView): WardRepair[] {
  const ended = [...view.records].flatMap(([node, stored]) => {
    if (stored.kind !== "record") return [];
    return stored.record.history.slice(-mostRepairs).map((entry) => ({ node, entry }));
  });
  ended.sort((a, b) => b.entry.endedAtWallMs - a.entry.endedAtWallMs || (a.node < b.node ? -1 : 1));
  return ended.slice(0, mostRepairs).map(({ node, entry }) => ({
    node,
    startedAt: timeText(entry.startedAtWallMs),
    endedAt: timeText(entry.endedAtWallMs),
    outcome: entry.outcome,
    rung: entry.rung ?? null,
    reason: entry.reason,
    phases: spans(entry.phases ?? [], entry.endedAtWallMs),
  }));
}

/** RFC 3339 in UTC, with milliseconds. */
export function timeText(wallMs: WallMs): string {
  return new Date(Math.round(wallMs)).toISOString();
}
