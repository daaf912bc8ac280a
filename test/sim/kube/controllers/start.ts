import type { Clock } from "../../../../src/ports/clock.ts";
import type { Store } from "../store.ts";
import { attachDetach } from "./attach-detach.ts";
import type { ControllerContext } from "./loop.ts";
import { nodeLifecycle } from "./node-lifecycle.ts";
import { podGc } from "./pod-gc.ts";
import { scheduler } from "./scheduler.ts";
import { statefulSets } from "./stateful-sets.ts";
import { taintEviction } from "./taint-eviction.ts";

export interface ControllerOptions {
  /** node-monitor-grace-period; 50 s unless given. */
  readonly graceMs?: number;
  /** What the CSI driver needs to detach; 1 s unless given. */
  readonly detachMs?: number;
}

/** Starts what stands for the controller manager and the scheduler. They run until the signal aborts. */
export function startControllers(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  signal: AbortSignal,
  options: ControllerOptions = {},
): void {
  const context: ControllerContext = { store, clock, signal };
  nodeLifecycle(context, { graceMs: options.graceMs ?? 50_000 });
  taintEviction(context);
  podGc(context);
  statefulSets(context);
  scheduler(context);
  attachDetach(context, { detachMs: options.detachMs ?? 1_000 });
}
