import type { NodeName } from "../core/model.ts";
import type { AnnotationChange } from "../core/pause.ts";
import type { RequestKind } from "../core/record.ts";
import type { WallMs } from "../core/time.ts";
import type { StoredRecord } from "../core/view.ts";

/** What a person asks of a node's repair. */
export interface Wish {
  readonly id: string;
  readonly kind: RequestKind;
  readonly repairId?: string;
  readonly bootId?: string;
  /** By the API server's clock, or a replica's; the leader refuses what is old. */
  readonly askedAtWallMs: WallMs;
  readonly reason: string | undefined;
  readonly requestedBy: string;
}

/** What people write: pauses and requests. With the rights of whoever asks. All methods throw AcesoError. */
export interface PeopleWrites {
  annotateNode(name: NodeName, change: AnnotationChange, signal: AbortSignal): Promise<void>;
  /** The DaemonSet, whose pause is the cluster's. */
  annotateDaemonSet(change: AnnotationChange, signal: AbortSignal): Promise<void>;
  /**
   * Writes `spec.request` of the NodeRepair, which is created when there is none. Nothing is written where the cluster's
   * custom resource would drop a part. @throws CrdOutdatedError
   */
  ask(name: NodeName, wish: Wish, signal: AbortSignal): Promise<void>;
  /** Takes `spec.paused` of the NodeRepair away. */
  unpauseRepair(name: NodeName, signal: AbortSignal): Promise<void>;
  /** Undefined: none. */
  record(name: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined>;
}
