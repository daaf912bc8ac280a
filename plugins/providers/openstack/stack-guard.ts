import { ProviderError } from "../../../src/plugin-api/index.ts";
import type { Cluster, NodeGroup } from "./cluster.ts";
import type { Heat } from "./heat.ts";
import type { FailedResource, StackRef } from "./stack.ts";
import { progressOf } from "./status.ts";

/**
 * An update replaces everything that is marked, and cancels an update under way: so the stack must be at rest, and no
 * machine but this one may be marked.
 *
 * @returns the mark that the machine itself carries already
 * @throws ProviderError `retry` while something is under way, `ask-operator` when people have to put it right first
 */
export async function guardUpdate(
  root: StackRef,
  machine: string,
  heat: Heat,
  signal: AbortSignal,
): Promise<FailedResource | undefined> {
  const failed = await heat.failed(root, signal);
  const strangers = failed.filter(({ serverId }) => serverId !== machine);
  if (strangers.length > 0) throw markedByOthers(root, machine, strangers);
  // Last: what is read here is the freshest when the act follows.
  const { status, reason } = await heat.stack(root, signal);
  throwUnlessSettled(`stack ${root.name}`, status, reason, machine);
  return failed.find(({ serverId }) => serverId === machine);
}

/** Magnum's own status, which may say more than Heat's. */
export function guardCluster(cluster: Cluster, group: NodeGroup | undefined, machine: string): void {
  throwUnlessSettled(`cluster ${cluster.name}`, cluster.status, cluster.statusReason ?? "", machine);
  if (group !== undefined) throwUnlessSettled(`node group ${group.name}`, group.status, "", machine);
}

function throwUnlessSettled(what: string, status: string, reason: string, machine: string): void {
  const progress = progressOf(status);
  if (progress === "settled") return;
  const because = reason === "" ? "" : ` (${reason})`;
  const problem = `openstack: replacing server ${machine}: ${what} is ${status}${because}`;
  if (progress === "busy") throw new ProviderError(`${problem}; a second update would cancel the first`, "retry");
  throw new ProviderError(`${problem}; bring it to *_COMPLETE first`, "ask-operator");
}

function markedByOthers(root: StackRef, machine: string, failed: readonly FailedResource[]): ProviderError {
  const named = failed
    .slice(0, 3)
    .map(({ resource, status, homeId }) => `${resource} ${status} in stack ${homeId ?? "?"}`);
  const problem = `openstack: replacing server ${machine}: an update of stack ${root.name} would replace others, too: ${named.join(", ")}`;
  const advice = "repair them, or take the mark away: openstack stack resource mark unhealthy --reset STACK RESOURCE";
  return new ProviderError(`${problem}; ${advice}`, "ask-operator");
}
