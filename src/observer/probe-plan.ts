import type { NodeName, Role } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";
import type { ProbingCheck } from "../plugin-api/index.ts";
import type { ProbeTarget } from "../ports/reports.ts";

/** A configured probing check, as the runner needs it. */
export interface ProbePlan {
  /** Id of the configured check, as `Endpoint` or `Endpoint#2`; unique within a role. */
  readonly id: string;
  readonly role: Role;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly check: ProbingCheck;
}

/** One check of one node. */
export type PairKey = string & { readonly __id?: "PairKey" };

/** Node names and check ids hold no blank. The uid is part of the key: a node made anew starts with a clean slate. */
export function pairKey(target: { readonly name: NodeName; readonly uid: string }, check: string): PairKey {
  return `${target.name} ${target.uid} ${check}`;
}

/**
 * The plans to run in a sweep that begins now. A plan whose interval ends before the middle of the coming one is due, so
 * that jitter does not make it miss every other sweep.
 *
 * @param lastRun when each pair ran last
 * @param everyMs time between two sweeps
 */
export function duePlans<P extends { readonly id: string; readonly role: Role; readonly intervalMs: number }>(
  target: ProbeTarget,
  plans: readonly P[],
  lastRun: ReadonlyMap<PairKey, MonoMs>,
  nowMs: MonoMs,
  everyMs: number,
): readonly P[] {
  return plans.filter((plan) => {
    if (plan.role !== target.role) return false;
    const lastMs = lastRun.get(pairKey(target, plan.id));
    return lastMs === undefined || lastMs + plan.intervalMs - everyMs / 2 <= nowMs;
  });
}
