import type { KubeObject } from "../object.ts";
import { type ControllerContext, reconcile } from "./loop.ts";
import { readyOf, taintsOf, tolerationsOf, withConditions } from "./taints.ts";

/** Binds each pending pod to the Ready node with the fewest pods whose taints it tolerates; by name among equals. */
export function scheduler(context: ControllerContext): void {
  const { store } = context;
  reconcile(context, ["pods", "nodes"], () => {
    for (const pod of store.list("pods")) {
      if (pod.spec?.nodeName || pod.metadata.deletionTimestamp !== undefined) continue;
      const node = choose(context, pod);
      if (node === undefined) continue;
      const conditions = withConditions(pod, [{ type: "PodScheduled", status: "True" }]);
      store.write("pods", { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions } });
    }
    return undefined;
  });
}

function choose({ store }: ControllerContext, pod: KubeObject): string | undefined {
  const load = new Map<string, number>();
  for (const one of store.list("pods")) load.set(one.spec?.nodeName, (load.get(one.spec?.nodeName) ?? 0) + 1);
  const candidates = store.list("nodes").filter((node) => isFit(node, pod));
  const loadOf = (node: KubeObject) => load.get(node.metadata.name) ?? 0;
  return candidates.sort((left, right) => loadOf(left) - loadOf(right))[0]?.metadata.name;
}

function isFit(node: KubeObject, pod: KubeObject): boolean {
  const selector: Record<string, string> = pod.spec?.nodeSelector ?? {};
  const isSelected = Object.entries(selector).every(([key, value]) => node.metadata.labels?.[key] === value);
  const isTolerated = taintsOf(node).every(
    (taint) => taint.effect === "PreferNoSchedule" || tolerationsOf(pod, taint).length > 0,
  );
  return isSelected && isTolerated && !node.spec?.unschedulable && readyOf(node) === "True";
}
