import { apiReadable, fewEnoughSick, notDryRun } from "./guards.ts";
import { healthOfAll } from "./health.ts";
import { type Hold, hold } from "./hold.ts";
import { pauseOf } from "./pause.ts";
import type { Effect, RepairRecord } from "./record.ts";
import type { Now } from "./time.ts";
import type { ClusterView } from "./view.ts";

/**
 * The first reason not to run an effect of a repair whose Node object is gone. Pauses of the cluster and of the repair,
 * dry-run and the brakes still count; switching on is never braked.
 */
export function holdWithoutNode(
  effect: Effect,
  view: ClusterView,
  record: RepairRecord | undefined,
  now: Now,
): Hold | undefined {
  const pause = pauseOf(undefined, record, view);
  return (
    apiReadable({ view }, now) ??
    (pause && hold("paused", `Pause of the ${pause.scope}: ${pause.text}.`)) ??
    notDryRun({ view }) ??
    (effect === "power-on" ? undefined : fewEnoughSick({ view, health: healthOfAll(view, now) }))
  );
}
