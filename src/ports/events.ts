import type { EventReason } from "../core/event-reasons.ts";
import type { NodeName } from "../core/model.ts";

/** A Kubernetes Event about a Node (and its repair). Same reason on the same node is aggregated into a series. */
export interface EventNote {
  readonly node: NodeName;
  readonly nodeUid: string;
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  /** What was done, as `Fencing`. */
  readonly action: string;
  readonly note: string;
}

/** Fire and forget with a bound: an event that cannot be written is counted and dropped, never waited for. */
export interface EventRecorder {
  record(note: EventNote): void;
  /** Writes what is queued, at most until the signal aborts. */
  flush(signal: AbortSignal): Promise<void>;
}
