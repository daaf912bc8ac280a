import { kindOf } from "../kinds.ts";
import { type KubeObject, keyOf, secondTime } from "../object.ts";
import { remove } from "../removal.ts";
import { type ControllerContext, reconcile } from "./loop.ts";
import { taintsOf, tolerationsOf, withConditions } from "./taints.ts";

/** Pods that do not tolerate a NoExecute taint of their node, or no longer, are deleted with their own grace. */
export function taintEviction(context: ControllerContext): void {
  const { store, clock } = context;
  const since = new Map<string, number>();

  reconcile(context, ["nodes", "pods"], () => {
    let nextMs: number | undefined;
    const present = new Set<string>();
    for (const pod of store.list("pods")) {
      const node = store.get("nodes", pod.spec?.nodeName ?? "");
      if (node === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      for (const taint of taintsOf(node).filter((one) => one.effect === "NoExecute")) {
        const id = `${pod.metadata.uid} ${node.metadata.uid} ${taint.key}`;
        present.add(id);
        const sinceMs = since.get(id) ?? clock.now().monoMs;
        since.set(id, sinceMs);
        const leftMs = sinceMs + toleratedMs(pod, taint) - clock.now().monoMs;
        if (leftMs > 0) nextMs = Math.min(nextMs ?? leftMs, leftMs);
        else {
          evict(context, pod);
          break;
        }
      }
    }
    for (const id of since.keys()) if (!present.has(id)) since.delete(id);
    return nextMs === Number.POSITIVE_INFINITY ? undefined : nextMs;
  });
}

function toleratedMs(pod: KubeObject, taint: { key?: string }): number {
  const matching = tolerationsOf(pod, taint);
  if (matching.length === 0) return 0;
  const limits = matching
    .filter((one) => one.tolerationSeconds !== undefined)
    .map((one) => one.tolerationSeconds * 1000);
  return limits.length === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.min(...limits));
}

function evict({ store, clock }: ControllerContext, pod: KubeObject): void {
  const target = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    lastTransitionTime: secondTime(clock.now().wallMs),
  };
  const marked = store.write("pods", { ...pod, status: { ...pod.status, conditions: withConditions(pod, [target]) } });
  if (store.get("pods", keyOf(pod)) !== undefined) remove(store, clock, kindOf("pods"), marked, {});
}
