import { healthOf } from "../core/health.ts";
import type { NodeFacts } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import { type Now, secondMs } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import type { Meter } from "../ports/meter.ts";
import { rungOf } from "./rung-label.ts";

/** Times how long the node had been ill when its repair began. A healthy node that a person wants repaired had not. */
export function measureDetection(meter: Meter, node: NodeFacts, view: ClusterView, now: Now): void {
  const { findings, isSilent } = healthOf(node, view, now);
  const signs = findings.map((it) => it.sinceMonoMs);
  const lastBeat = view.leases.get(node.name)?.changedAtMonoMs;
  if (isSilent && lastBeat !== undefined) signs.push(lastBeat);
  if (signs.length === 0) return;
  meter.time("aceso_time_to_detect_seconds", Math.max(0, now.monoMs - Math.min(...signs)) / secondMs);
}

/** Counts what a written record changed: the phase that was entered, the outcome, and how long it took. */
export function measureRepair(meter: Meter, before: RepairRecord | undefined, after: RepairRecord): void {
  const { phase, marks } = after;
  if (phase === undefined || (before?.phase === phase && before.id === after.id)) return;
  meter.count("aceso_repair_phases_total", { phase });
  const sinceBegin = secondsBetween(after.startedAtWallMs, after.phaseStartedAtWallMs);
  if (phase === "Releasing") meter.time("aceso_time_to_fence_seconds", sinceBegin);
  const isReleased = before?.phase === "Releasing" && before.id === after.id && marks.outOfService !== undefined;
  // What goes on without being free is told by aceso_releases_overdue.
  if (isReleased && (phase === "Restoring" || phase === "Recovering") && !after.isReleaseOverdue)
    meter.time(
      "aceso_time_to_release_seconds",
      secondsBetween(before.phaseStartedAtWallMs, after.phaseStartedAtWallMs),
    );
  if (phase !== "Healed" && phase !== "Recovered" && phase !== "Held") return;
  meter.count("aceso_repairs_total", { outcome: phase, rung: rungOf(after) });
  if (phase !== "Held") meter.time("aceso_time_to_return_seconds", sinceBegin, { rung: rungOf(after) });
}

/** Counts how an effect ended, and by whose word a machine was released that no provider called off. */
export function measureResult(meter: Meter, { result, evidence }: RepairRecord): void {
  if (result === undefined) return;
  const { effect, outcome } = result;
  meter.count("aceso_effects_total", { effect, outcome });
  if (effect !== "taint" || outcome !== "done") return;
  const word = evidence.at(-1)?.value;
  if (word === "unproven") meter.count("aceso_unproven_releases_total", { by: "configuration" });
  if (word === "confirmed-off-by-person") meter.count("aceso_unproven_releases_total", { by: "person" });
}

/** Times of the wall clock may go back; a duration does not. */
function secondsBetween(fromWallMs: number, toWallMs: number): number {
  return Math.max(0, toWallMs - fromWallMs) / secondMs;
}
