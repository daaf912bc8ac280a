import type { Clock } from "../../../src/ports/clock.ts";
import { ApiError, badRequest } from "./api-error.ts";
import { kindOf } from "./kinds.ts";
import type { Fields, KubeObject } from "./object.ts";
import { remove, requiredPod } from "./removal.ts";
import type { Store } from "./store.ts";

/**
 * POST …/pods/NAME/eviction: a deletion that asks the PodDisruptionBudgets of the namespace first. They count by
 * `spec.minAvailable` (a number) and `spec.selector.matchLabels`, without the delay of a disruption controller.
 * @throws ApiError 404, 429 (budget), 500 (two budgets)
 */
export function evict(store: Store, clock: Clock, namespace: string, name: string, body: Fields): Fields {
  const kind = kindOf("pods");
  if (body.kind !== undefined && body.kind !== "Eviction")
    throw badRequest(`cannot be handled as an Eviction: ${body.kind}`);
  const pod = requiredPod(store, kind, namespace, name);
  const isCounted =
    pod.metadata.deletionTimestamp === undefined && !["Succeeded", "Failed"].includes(pod.status?.phase);
  if (isCounted) checkBudgets(store, pod);
  remove(store, clock, kind, pod, body.deleteOptions ?? {});
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
}

function checkBudgets(store: Store, pod: KubeObject): void {
  const budgets = store.list("poddisruptionbudgets").filter((budget) => covers(budget, pod));
  if (budgets.length > 1) {
    const text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new ApiError(500, undefined, text);
  }
  const budget = budgets[0];
  if (budget === undefined) return;
  const needed = budget.spec?.minAvailable ?? 0;
  const healthy = store.list("pods").filter((one) => covers(budget, one) && isHealthy(one)).length;
  const left = isHealthy(pod) ? healthy - 1 : healthy;
  if (left >= needed) return;
  const message = `The disruption budget ${budget.metadata.name} needs ${needed} healthy pods and has ${healthy} currently`;
  throw new ApiError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: { causes: [{ reason: "DisruptionBudget", message }] },
  });
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  const wanted: Record<string, string> = budget.spec?.selector?.matchLabels ?? {};
  const isSameNamespace = budget.metadata.namespace === pod.metadata.namespace;
  return isSameNamespace && Object.entries(wanted).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function isHealthy(pod: KubeObject): boolean {
  const isReady = (pod.status?.conditions ?? []).some((one: Fields) => one.type === "Ready" && one.status === "True");
  return isReady && pod.metadata.deletionTimestamp === undefined;
}
