import { type KubeObject, keyOf } from "../object.ts";
import { type ControllerContext, repeat } from "./loop.ts";
import { hasTaint, outOfServiceKey, readyOf, withConditions } from "./taints.ts";

const tickMs = 20_000;
const quarantineMs = 40_000;

/**
 * Every 20 s: Terminating pods of a node that is not Ready and carries the out-of-service key are failed and gone; so
 * are the pods of a Node that has been missing for 40 s.
 */
export function podGc(context: ControllerContext): void {
  const { store, clock } = context;
  const missingSince = new Map<string, number>();

  repeat(context, tickMs, () => {
    for (const pod of store.list("pods")) {
      const name = pod.spec?.nodeName;
      if (!name) continue;
      const node = store.get("nodes", name);
      const nowMs = clock.now().monoMs;
      if (node !== undefined) missingSince.delete(name);
      else if (!missingSince.has(name)) missingSince.set(name, nowMs);
      const isOrphan = node === undefined && nowMs - (missingSince.get(name) ?? nowMs) >= quarantineMs;
      const isTerminating = pod.metadata.deletionTimestamp !== undefined;
      const isFreed =
        node !== undefined && isTerminating && readyOf(node) !== "True" && hasTaint(node, outOfServiceKey);
      if (isOrphan || isFreed) collect(context, pod);
    }
  });
}

function collect({ store }: ControllerContext, pod: KubeObject): void {
  const target = { type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC" };
  const status = { ...pod.status, phase: "Failed", conditions: withConditions(pod, [target]) };
  store.write("pods", { ...pod, status });
  store.remove("pods", keyOf(pod));
}
