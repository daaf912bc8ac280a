import { type Decision, holdReasonOf } from "../core/decide.ts";
import { statesByAction } from "../core/explain.ts";
import { readableForMs } from "../core/guards.ts";
import { holdReasons } from "../core/hold.ts";
import { isActive, type RepairRecord, workPhases } from "../core/record.ts";
import { type Now, secondMs } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import { freshObservers, isFresh } from "../core/votes.ts";
import type { Clock } from "../ports/clock.ts";
import type { Meter, MeterSeries } from "../ports/meter.ts";
import { rungLabels, rungOf } from "./rung-label.ts";

const statesNotWell = [...Object.values(statesByAction), ...workPhases, "Missing"];
const repairPhases = [...workPhases, "Held"] as const;

/** What the leader shows of itself and its decisions. A replica that leads no more shows none of it. */
export class LeaderGauges {
  readonly #meter: Meter;
  readonly #clock: Clock;
  readonly #term: AbortSignal;
  readonly #checks: readonly string[];
  readonly #shown = new Set<string>();

  /** @param term aborts when the lead is over. @param checks ids of those that are configured */
  constructor(meter: Meter, clock: Clock, term: AbortSignal, checks: readonly string[]) {
    this.#checks = checks;
    this.#meter = meter;
    this.#clock = clock;
    this.#term = term;
    if (term.aborted) return;
    meter.set("aceso_leader", 1);
    term.addEventListener("abort", () => this.#clear(), { once: true });
  }

  /** To be told of every decision. */
  show(decision: Decision, view: ClusterView): void {
    const now = this.#clock.now();
    const repairs = openRepairs(view);
    this.#replace("aceso_nodes", nodeSeries(decision, view, repairs));
    this.#replace("aceso_nodes_held", countedBy("reason", Object.keys(holdReasons), heldReasons(decision, repairs)));
    this.#replace("aceso_findings", countedBy("check", this.#checks, failingChecks(decision)));
    this.#replace("aceso_repairs", repairSeries(repairs));
    this.#replace("aceso_oldest_repair_timestamp_seconds", oldest(repairs));
    this.#replace("aceso_releases_overdue", [{ value: repairs.filter((it) => it.isReleaseOverdue).length }]);
    this.#replace("aceso_observers", observerSeries(view, now));
    const isBlind = view.lastReadAtMonoMs === undefined || now.monoMs - view.lastReadAtMonoMs > readableForMs;
    if (!isBlind) this.#replace("aceso_last_pass_timestamp_seconds", [{ value: now.wallMs / secondMs }]);
  }

  /** @param depth nodes that are worked on or wait for their next look */
  showQueue(depth: number): void {
    this.#replace("aceso_queue_depth", [{ value: depth }]);
  }

  #replace(name: string, series: readonly MeterSeries[]): void {
    if (this.#term.aborted) return;
    this.#shown.add(name);
    this.#meter.replace(name, series);
  }

  #clear(): void {
    this.#meter.set("aceso_leader", 0);
    for (const name of this.#shown) this.#meter.replace(name, []);
  }
}

/** One series for each of the known values, and for those that are found beyond them. */
function countedBy(label: string, known: readonly string[], found: readonly string[]): MeterSeries[] {
  const counts = new Map(known.map((value) => [value, 0]));
  for (const value of found) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ labels: { [label]: value }, value: count }));
}

function openRepairs(view: ClusterView): RepairRecord[] {
  return [...view.records.values()].flatMap((stored) => {
    const record = stored.kind === "record" ? stored.record : undefined;
    return record !== undefined && (isActive(record) || record.phase === "Held") ? [record] : [];
  });
}

function nodeSeries({ actions }: Decision, view: ClusterView, repairs: readonly RepairRecord[]): MeterSeries[] {
  const states = actions.map((it) => (it.kind === "repairing" ? it.phase : statesByAction[it.kind]));
  const missing = repairs.filter((it) => !view.nodes.has(it.node)).map(() => "Missing");
  const well = { labels: { state: "Well" }, value: view.nodes.size - actions.length };
  return [well, ...countedBy("state", statesNotWell, [...states, ...missing])];
}

/** Why nothing is done: before a repair (the decision), within one or after one (its record). */
function heldReasons({ actions }: Decision, repairs: readonly RepairRecord[]): string[] {
  const before = actions.flatMap((it) => holdReasonOf(it) ?? []);
  const since = repairs.map((it) => it.reason).filter((reason) => reason in holdReasons);
  return [...before, ...since];
}

/** A node on which a check fails is not well, so there is an action about it. */
function failingChecks({ actions, crowd }: Decision): string[] {
  return actions.flatMap(({ node }) => (crowd.health.get(node.name)?.findings ?? []).map((it) => it.check));
}

function repairSeries(repairs: readonly RepairRecord[]): MeterSeries[] {
  const key = (phase: string, rung: string) => `${phase} ${rung}`;
  const counts = new Map<string, number>();
  for (const it of repairs) {
    const its = key(it.phase ?? "", rungOf(it));
    counts.set(its, (counts.get(its) ?? 0) + 1);
  }
  return repairPhases.flatMap((phase) =>
    rungLabels.map((rung) => ({ labels: { phase, rung }, value: counts.get(key(phase, rung)) ?? 0 })),
  );
}

function oldest(repairs: readonly RepairRecord[]): MeterSeries[] {
  const active = repairs.filter(isActive).map((it) => it.startedAtWallMs);
  const held = repairs.filter((it) => it.phase === "Held").map((it) => it.phaseStartedAtWallMs);
  return Object.entries({ active, held }).flatMap(([state, times]) =>
    times.length === 0 ? [] : [{ labels: { state }, value: times.reduce((a, b) => Math.min(a, b)) / secondMs }],
  );
}

function observerSeries(view: ClusterView, now: Now): MeterSeries[] {
  const fresh = freshObservers(view.observers, now);
  const doubting = fresh.filter((it) => it.suspectsSelf).length;
  const counts = {
    fresh: fresh.length - doubting,
    doubting,
    stale: view.observers.filter((it) => !isFresh(it, now)).length,
  };
  return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
}
