import type { Group, Stack } from "../orchestration/stack.ts";

/** Some nodes of one kind. The two default groups share the cluster's stack, each further one has its own. */
export interface NodeGroup {
  readonly uuid: string;
  readonly name: string;
  readonly role: "master" | "worker";
  readonly isDefault: boolean;
  nodeCount: number;
  status: string;
  reason: string;
  readonly stack: Stack;
  readonly group: Group;
  readonly createdAtWallMs: number;
  updatedAtWallMs: number;
}

/** A cluster as Magnum stores it; what it knows of its stacks it learned at its last look. */
export interface Cluster {
  readonly uuid: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly templateId: string;
  readonly createdAtWallMs: number;
  updatedAtWallMs: number;
  readonly stack: Stack;
  labels: Record<string, string>;
  status: string;
  statusReason: string | null;
  healthStatus: string | null;
  healthReason: Record<string, string>;
  /** By node group; shown in a failed status only. */
  faults: Record<string, string>;
  groups: NodeGroup[];
}

export function addressesOf({ group }: NodeGroup): string[] {
  return [...group.members].sort((a, b) => a.index - b.index).map(({ ip }) => ip);
}

export function groupsOf({ groups }: Cluster, role: NodeGroup["role"]): NodeGroup[] {
  return groups.filter((one) => one.role === role);
}

export function nodeCountOf(cluster: Cluster, role: NodeGroup["role"]): number {
  return groupsOf(cluster, role).reduce((sum, { nodeCount }) => sum + nodeCount, 0);
}
