import type { Fields, KubeObject } from "../object.ts";

export const outOfServiceKey = "node.kubernetes.io/out-of-service";
export const unreachableKey = "node.kubernetes.io/unreachable";
export const notReadyKey = "node.kubernetes.io/not-ready";
export const unschedulableKey = "node.kubernetes.io/unschedulable";

/** Tolerations of a pod that match a taint, by the rules of Kubernetes. */
export function tolerationsOf(pod: KubeObject, taint: Fields): Fields[] {
  const all: Fields[] = pod.spec?.tolerations ?? [];
  return all.filter((one) => {
    const isKey = one.key === undefined || one.key === "" ? one.operator === "Exists" : one.key === taint.key;
    const isEffect = !one.effect || one.effect === taint.effect;
    return isKey && isEffect && (one.operator === "Exists" || (one.value ?? "") === (taint.value ?? ""));
  });
}

export function taintsOf(node: KubeObject): Fields[] {
  return node.spec?.taints ?? [];
}

export function hasTaint(node: KubeObject | undefined, key: string): boolean {
  return node !== undefined && taintsOf(node).some((taint) => taint.key === key);
}

/** `True`, `False` or `Unknown`; undefined when the node never said. */
export function readyOf(node: KubeObject | undefined): string | undefined {
  return node?.status?.conditions?.find((one: Fields) => one.type === "Ready")?.status;
}

/** Puts conditions into a list by type. */
export function withConditions(object: KubeObject, changed: readonly Fields[]): Fields[] {
  const kept = (object.status?.conditions ?? []).filter(
    (one: Fields) => !changed.some((other) => other.type === one.type),
  );
  return [...kept, ...changed];
}
