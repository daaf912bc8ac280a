import type { ApiObject } from "./api-client.ts";
import { hasOutOfServiceTaint } from "./recorder.ts";

export function isReady(node: ApiObject): boolean {
  return (node.status?.conditions ?? []).some((it: ApiObject) => it.type === "Ready" && it.status === "True");
}

/** What keeps pods away from a node, whoever set it. */
export function shutOut(node: ApiObject): { readonly isTainted: boolean; readonly isCordoned: boolean } {
  return { isTainted: hasOutOfServiceTaint(node), isCordoned: node.spec.unschedulable === true };
}
