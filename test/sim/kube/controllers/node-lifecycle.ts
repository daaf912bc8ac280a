import { type Fields, isSameJson, type KubeObject, secondTime } from "../object.ts";
import { type ControllerContext, reconcile } from "./loop.ts";
import { notReadyKey, readyOf, taintsOf, unreachableKey, unschedulableKey, withConditions } from "./taints.ts";

export interface NodeLifecycleOptions {
  /** How long a kubelet's Lease may stand still (node-monitor-grace-period). */
  readonly graceMs: number;
}

interface Sight {
  readonly renewTime: string;
  readonly atMonoMs: number;
}

/** A node whose Lease stands still becomes Unknown and unreachable; taints follow the Ready condition and the cordon. */
export function nodeLifecycle(context: ControllerContext, options: NodeLifecycleOptions): void {
  const { store, clock } = context;
  const sights = new Map<string, Sight>();

  const leftMs = (node: KubeObject): number => {
    const nowMs = clock.now().monoMs;
    const renewTime: string = store.get("leases", `kube-node-lease/${node.metadata.name}`)?.spec?.renewTime ?? "";
    const before = sights.get(node.metadata.uid);
    const sight: Sight =
      before !== undefined && before.renewTime === renewTime ? before : { renewTime, atMonoMs: nowMs };
    sights.set(node.metadata.uid, sight);
    return sight.atMonoMs + options.graceMs - nowMs;
  };

  reconcile(context, ["nodes", "leases"], () => {
    let nextMs: number | undefined;
    for (const node of store.list("nodes")) {
      const left = leftMs(node);
      if (left <= 0) markUnknown(context, node);
      else nextMs = Math.min(nextMs ?? left, left);
      alignTaints(context, store.get("nodes", node.metadata.name) ?? node);
    }
    return nextMs;
  });
}

function markUnknown({ store, clock }: ControllerContext, node: KubeObject): void {
  if (readyOf(node) === "Unknown") return;
  const at = secondTime(clock.now().wallMs);
  const conditions = (node.status?.conditions ?? []).map((one: Fields) => ({
    ...one,
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastTransitionTime: at,
  }));
  store.write("nodes", { ...node, status: { ...node.status, conditions } });
  for (const pod of store.list("pods")) {
    if (pod.spec?.nodeName !== node.metadata.name) continue;
    const ready = { type: "Ready", status: "False", reason: "NodeNotReady", lastTransitionTime: at };
    store.write("pods", { ...pod, status: { ...pod.status, conditions: withConditions(pod, [ready]) } });
  }
}

const ownKeys = [unreachableKey, notReadyKey, unschedulableKey];

function alignTaints({ store, clock }: ControllerContext, node: KubeObject): void {
  const ready = readyOf(node);
  const wanted: Fields[] = [];
  if (node.spec?.unschedulable) wanted.push({ key: unschedulableKey, effect: "NoSchedule" });
  if (ready !== "True") {
    const key = ready === "Unknown" ? unreachableKey : notReadyKey;
    wanted.push({ key, effect: "NoSchedule" }, { key, effect: "NoExecute" });
  }
  const present = taintsOf(node);
  const foreign = present.filter((taint) => !ownKeys.includes(taint.key));
  const own = wanted.map((taint) => {
    const before = present.find((one) => one.key === taint.key && one.effect === taint.effect);
    return before ?? { ...taint, timeAdded: secondTime(clock.now().wallMs) };
  });
  const isAligned = own.length + foreign.length === present.length && own.every((taint) => present.includes(taint));
  if (isAligned) return;
  const taints = [
    ...present.filter((taint) => foreign.includes(taint) || own.includes(taint)),
    ...own.filter((taint) => !present.includes(taint)),
  ];
  if (!isSameJson(taints, present)) store.write("nodes", { ...node, spec: { ...node.spec, taints } });
}
