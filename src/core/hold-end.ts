import type { NodeHealth } from "./health.ts";
import type { HoldReason } from "./hold.ts";
import type { NodeFacts } from "./model.ts";
import { pauseOf } from "./pause.ts";
import type { RepairRecord } from "./record.ts";
import type { Now } from "./time.ts";
import type { ClusterView } from "./view.ts";

/** What is known where a reason to wait is told of. */
export interface Told {
  readonly view: ClusterView;
  readonly now: Now;
  readonly node: NodeFacts | undefined;
  readonly record: RepairRecord | undefined;
  readonly health: NodeHealth | undefined;
}

/**
 * When a reason for which a repair under way waits ends by itself, in milliseconds from now; undefined when time alone
 * does not end it. The record keeps the reason only, so its end is told anew from what is known.
 */
export function holdEndsAfterMs(reason: HoldReason, told: Told): number | undefined {
  const { view, now, node, record, health } = told;
  switch (reason) {
    case "paused": {
      const until = pauseOf(node, record, view)?.untilWallMs;
      return until === undefined ? undefined : until - view.cautiousWallMs;
    }
    case "countdown":
      return health?.dueAtMonoMs === undefined ? undefined : health.dueAtMonoMs - now.monoMs;
    case "not-silent-yet":
      return health?.silentForMs === undefined ? undefined : view.policy.silenceMs - health.silentForMs;
    default:
      return undefined;
  }
}
