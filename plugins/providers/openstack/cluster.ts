import { isRecord, textIn, textsIn } from "./json.ts";

/** What Magnum says of one cluster, as far as it matters here. */
export interface Cluster {
  readonly uuid: string;
  readonly name: string;
  /** As `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly statusReason: string | undefined;
  readonly stackId: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeCount: number;
  readonly healthStatus: string | undefined;
  readonly healthReason: Readonly<Record<string, string>>;
}

/** A group of nodes of one cluster; beyond the two default ones each has a stack of its own. */
export interface NodeGroup {
  readonly name: string;
  readonly role: string;
  readonly isDefault: boolean;
  readonly nodeCount: number;
  readonly status: string;
  readonly stackId: string | undefined;
}

export function toCluster(value: unknown): Cluster | undefined {
  if (!isRecord(value)) return undefined;
  const [uuid, status] = [textIn(value, "uuid"), textIn(value, "status")];
  const nodeCount = value.node_count;
  if (uuid === undefined || status === undefined || typeof nodeCount !== "number") return undefined;
  return {
    uuid,
    name: textIn(value, "name") ?? uuid,
    status,
    statusReason: textIn(value, "status_reason"),
    stackId: textIn(value, "stack_id"),
    labels: textsIn(value, "labels"),
    nodeCount,
    healthStatus: textIn(value, "health_status"),
    healthReason: textsIn(value, "health_status_reason"),
  };
}

export function toNodeGroup(value: unknown): NodeGroup | undefined {
  if (!isRecord(value)) return undefined;
  const [name, role, status] = [textIn(value, "name"), textIn(value, "role"), textIn(value, "status")];
  const nodeCount = value.node_count;
  if (name === undefined || role === undefined || status === undefined || typeof nodeCount !== "number")
    return undefined;
  return { name, role, isDefault: value.is_default === true, nodeCount, status, stackId: textIn(value, "stack_id") };
}
