import { apiReadable, notDryRun } from "./guards.ts";
import { interlockHold } from "./guards-owner.ts";
import { type Hold, hold } from "./hold.ts";
import { pauseOf, pauseText } from "./pause.ts";
import type { Effect, RepairRecord } from "./record.ts";
import type { Now } from "./time.ts";
import type { ClusterView } from "./view.ts";

/**
 * The first reason not to run an effect of a repair whose Node object is gone. Nothing is switched off, rebuilt or
 * replaced then: what forbids it (a pause, pinned volumes, the control plane, another node on the same machine) stood
 * on the Node. Switching on goes on, unless the Node was paused when it was last seen.
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
    (pause && hold("paused", pauseText(pause))) ??
    (wasPausedOnNode(record) ? hold("paused", "The Node said so when it was last seen.") : undefined) ??
    notDryRun({ view }) ??
    (effect === "power-on" ? interlockOf(view, record) : hold("node-gone"))
  );
}

function interlockOf(view: ClusterView, record: RepairRecord | undefined): Hold | undefined {
  return record === undefined ? undefined : interlockHold(view, record.node, ["machine", "everything"]);
}

/** Whether the last thing that the record says is a hold by a pause that stood on the Node. */
function wasPausedOnNode(record: RepairRecord | undefined): boolean {
  if (record?.reason !== "paused") return false;
  const ofNode = pauseText({ scope: "node", text: "", untilWallMs: undefined }).split(":")[0] ?? "";
  return record.message.includes(ofNode) || record.message.includes("The Node said so");
}
