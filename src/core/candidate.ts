import type { Crowd } from "./crowd.ts";
import type { Hold } from "./hold.ts";
import type { NodeFacts, Rung } from "./model.ts";
import { isActive, type RepairMode, type RepairRecord } from "./record.ts";
import type { Now } from "./time.ts";
import type { ClusterView } from "./view.ts";

/** One node that something might be done to, and everything a guard may ask. */
export interface Candidate extends Crowd {
  readonly view: ClusterView;
  readonly node: NodeFacts;
  readonly record: RepairRecord | undefined;
  readonly mode: RepairMode;
  readonly rung: Rung | undefined;
  /** Its machine reads off, and not by our act. */
  readonly isFoundOff: boolean;
  /** Repairs begun earlier in the same pass; they count against the brakes. */
  readonly startedInThisPass: readonly NodeFacts[];
}

/** A reason not to act, or undefined. Small, pure, one rule each; the order of the lists below is the order of answers. */
export type Guard = (it: Candidate, now: Now) => Hold | undefined;

/** Whether a repair began before this one; one that has not begun is behind all. */
export function isAhead(other: RepairRecord, own: RepairRecord | undefined): boolean {
  if (own === undefined || !isActive(own) || other.startedAtWallMs < own.startedAtWallMs) return true;
  return other.startedAtWallMs === own.startedAtWallMs && other.node < own.node;
}
