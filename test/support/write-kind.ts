import type { WriteNotice } from "../sim/kube/write-counter.ts";
import type { ApiObject } from "./api-client.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

const outOfService = "node.kubernetes.io/out-of-service";

/**
 * What a replica's write to the API server means for a repair, as `record Fencing: power-off intended` or `Node: cordon`.
 * Two writes of one kind differ in nothing that a crash at them could show.
 */
export function kindOfWrite({ request }: Pick<WriteNotice, "request">): string {
  const { kind, method, subresource } = request;
  const body = (request.body ?? {}) as ApiObject;
  if (kind?.plural === "noderepairs" && method === "PATCH") return kindOfRecordWrite(body.status ?? {});
  if (kind?.plural === "nodes" && method === "PATCH") return `Node: ${kindOfNodeWrite(body.spec ?? {})}`;
  return `${method} ${kind?.plural}${subresource === undefined ? "" : `/${subresource}`}`;
}

/** In these phases it matters what the repair began with. */
const fencingPhases: readonly string[] = ["Draining", "Fencing", "Releasing"];

function circumstance(phase: string, plan: ApiObject | undefined): string {
  if (plan?.mode === "unproven") return ", unproven";
  if (plan?.mode === "living" && fencingPhases.includes(phase)) return ", living";
  return plan?.foundOff === true && phase === "Restoring" ? ", found off" : "";
}

function kindOfRecordWrite({ phase, plan, reason, intent, result, replacement }: ApiObject): string {
  const where = `record ${phase}${circumstance(phase, plan)}`;
  if (reason !== intent?.effect) return `${where}: ${reason}`;
  const isOver = result !== undefined && result !== null && result.id === intent.id;
  if (!isOver) return `${where}: ${reason} intended${replacement ? ", planned" : ""}`;
  return `${where}: ${reason} ${result.outcome}`;
}

function kindOfNodeWrite(spec: ApiObject): string {
  if (spec.taints === undefined) return spec.unschedulable === true ? "cordon" : "uncordon";
  return spec.taints?.some((it: ApiObject) => it.key === outOfService) === true ? "taint" : "untaint";
}

/** Kinds of the counted writes of a replica, in order; grows. */
export function writeKindsOf({ kube }: SimulatedWorld, instance: string): readonly string[] {
  const kinds: string[] = [];
  kube.writes.onWrite((notice) => {
    const { stage, request } = notice;
    if (stage === "before" && request.writeNumber > 0 && request.instance === instance) kinds.push(kindOfWrite(notice));
  });
  return kinds;
}
