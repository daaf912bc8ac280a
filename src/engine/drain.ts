import { messageOf } from "../core/errors.ts";
import type { EffectRun } from "./effect-run.ts";
import { isEvictable } from "./pods.ts";

/** Pause between two passes over the pods that stay. */
const passMs = 5_000;
/** Evictions under way at once. */
const atOnce = 4;

/**
 * Evicts within disruption budgets, pass after pass, until no evictable pod is left or the deadline comes. Ends early
 * when it may not act any more; what is left is seen at the next look. A pod that cannot be evicted holds no other back.
 *
 * @throws the first failure of an eviction when the signal aborted meanwhile: nobody knows what became of it
 */
export async function drain({ shift, record, signal, mayAct }: EffectRun): Promise<string> {
  let blocked = "";
  for (;;) {
    await mayAct();
    const pods = (await shift.workloads.podsOn(record.node, signal)).filter(isEvictable);
    if (pods.length === 0) return "no evictable pods are left";
    const waiting = [...pods];
    const failures: unknown[] = [];
    const evictors = Array.from({ length: atOnce }, async () => {
      for (let pod = waiting.pop(); pod !== undefined && !signal.aborted; pod = waiting.pop()) {
        try {
          const eviction = await shift.workloads.evict(pod, signal);
          if (eviction.kind === "blocked") blocked = `${pod.namespace}/${pod.name}: ${eviction.message}`;
        } catch (error) {
          // Also the answer for a pod with two disruption budgets: 500.
          failures.push(error);
          blocked = `${pod.namespace}/${pod.name}: ${messageOf(error)}`;
        }
      }
    });
    await Promise.allSettled(evictors);
    if (signal.aborted && failures.length > 0) throw failures[0];
    const isOver = await shift.clock.sleep(passMs, signal).then(
      () => false,
      () => true,
    );
    if (isOver) return blocked === "" ? "time is over" : `time is over; ${blocked}`;
  }
}
