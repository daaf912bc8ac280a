import type { Server } from "../compute/server.ts";

/** One node's own nested stack, with the server in it. */
export interface Member {
  readonly index: number;
  readonly stackId: string;
  readonly stackName: string;
  /** Kept by the port when the server is replaced. */
  readonly ip: string;
  readonly createdAtWallMs: number;
  updatedAtWallMs: number;
  /** Undefined between an old server and a new one. */
  server: Server | undefined;
  /** Of the resource that holds the server. */
  status: string;
  reason: string;
  /** Heat, busy with an update, leaves it out of its lists for a moment. */
  isUnlisted: boolean;
  /** To be replaced by the next update. */
  isMarked: boolean;
}

export type GroupName = "kube_masters" | "kube_minions";

/** A ResourceGroup, which is a nested stack as well. */
export interface Group {
  readonly name: GroupName;
  readonly stackId: string;
  readonly stackName: string;
  /** How many members its template wants. */
  wanted: number;
  /** Server ids or indexes that the template wants gone. */
  readonly unwanted: Set<string>;
  /** Indexes are never used again. */
  nextIndex: number;
  members: Member[];
}

/** A root stack, of a cluster or of a further node group. */
export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly createdAtWallMs: number;
  updatedAtWallMs: number | undefined;
  status: string;
  reason: string;
  readonly groups: readonly Group[];
  readonly serverGroups: Readonly<Record<string, string>>;
}

/** The name of the resource with the server in a member's stack. */
export const serverResource: Readonly<Record<GroupName, string>> = {
  kube_masters: "kube-master",
  kube_minions: "kube-minion",
};

export function isInProgress({ status }: { readonly status: string }): boolean {
  return status.endsWith("_IN_PROGRESS");
}
