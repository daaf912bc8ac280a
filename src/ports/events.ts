import type { EventReason } from "../core/event-reasons.ts";
import type { HoldReason } from "../core/hold.ts";
import type { NodeName } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";

/** What people are told of a Node and its repair. Whoever tells it makes one of many that say the same. */
export interface EventNote {
  readonly node: NodeName;
  readonly nodeUid: string;
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  /** What was done, as `Fencing`. */
  readonly action: string;
  readonly note: string;
  /** The repair that it is about, as it is now; absent before one begins. */
  readonly record?: RepairRecord;
  /** uid of the node's NodeRepair, where there is one without being what this is about: an earlier repair's. */
  readonly earlierUid?: string | undefined;
  /** Why nothing is done, where that is what is told. */
  readonly hold?: HoldReason;
}

/** Fire and forget with a bound: what cannot be told is counted and dropped, never waited for. */
export interface EventRecorder {
  record(note: EventNote): void;
  /** Writes what is queued, at most until the signal aborts. */
  flush(signal: AbortSignal): Promise<void>;
}
