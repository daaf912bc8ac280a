import type { RepairRecord } from "../core/record.ts";
import type { PodFacts } from "../ports/node-control.ts";

/**
 * Pods that must go before the machine comes back: all but DaemonSet and mirror pods. Without proof nobody deletes a
 * pod that tolerates the taint, so it is not waited for.
 */
export function isReleasable(pod: PodFacts, record: RepairRecord): boolean {
  if (pod.isDaemonSet || pod.isMirror) return false;
  return record.plan?.mode !== "unproven" || !pod.toleratesOutOfService || pod.isTerminating;
}

/** Pods that an eviction would move. */
export function isEvictable(pod: PodFacts): boolean {
  return !pod.isDaemonSet && !pod.isMirror && !pod.isTerminating && !pod.isFinished;
}
