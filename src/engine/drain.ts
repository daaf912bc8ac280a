import type { EffectRun } from "./effects.ts";
import { isEvictable } from "./gather.ts";

/** Pause between two passes over the pods that stay. */
const passMs = 5_000;
/** Evictions under way at once. */
const atOnce = 4;

/**
 * Evicts within disruption budgets, pass after pass, until no evictable pod is left or the deadline comes. Ends early
 * when it may not act any more; what is left is seen at the next look.
 */
export async function drain({ shift, record, signal, mayAct }: EffectRun): Promise<string> {
  let blocked = "";
  for (;;) {
    await mayAct();
    const pods = (await shift.workloads.podsOn(record.node, signal)).filter(isEvictable);
    if (pods.length === 0) return "no evictable pods are left";
    const waiting = [...pods];
    const evictors = Array.from({ length: atOnce }, async () => {
      for (let pod = waiting.pop(); pod !== undefined; pod = waiting.pop()) {
        const eviction = await shift.workloads.evict(pod, signal);
        if (eviction.kind === "blocked") blocked = `${pod.namespace}/${pod.name}: ${eviction.message}`;
      }
    });
    await Promise.all(evictors);
    const isOver = await shift.clock.sleep(passMs, signal).then(
      () => false,
      () => true,
    );
    if (isOver) return blocked === "" ? "time is over" : `time is over; ${blocked}`;
  }
}
