import type { Interlock } from "../../../src/plugin-api/index.ts";
import type { Cluster, NodeGroup } from "./cluster.ts";
import type { Stack } from "./stack.ts";
import { progressOf } from "./status.ts";

/**
 * Magnum's own switch for healers, and its status. Pure.
 *
 * @param group the node group of the machine, where it is a further one
 */
export function interlockOfCluster(cluster: Cluster, group: NodeGroup | undefined): Interlock | undefined {
  const label = cluster.labels.auto_healing_enabled;
  if (label?.toLowerCase() !== "true") {
    const value = label === undefined ? "is missing" : `is "${label}"`;
    const because = `label auto_healing_enabled of cluster ${cluster.name} ${value}, not "true"`;
    return { stops: "everything", because };
  }
  const own = interlockOfStatus(`cluster ${cluster.name}`, cluster.status, cluster.statusReason);
  return widest(own, group && interlockOfStatus(`node group ${group.name}`, group.status, undefined));
}

export function interlockOfStack({ name, status, reason }: Stack): Interlock | undefined {
  return interlockOfStatus(`stack ${name}`, status, reason);
}

const widths: readonly Interlock["stops"][] = ["destruction", "machine", "everything"];

/** The one that stops more; undefined: neither stops anything. */
export function widest(one: Interlock | undefined, other: Interlock | undefined): Interlock | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return widths.indexOf(other.stops) > widths.indexOf(one.stops) ? other : one;
}

function interlockOfStatus(what: string, status: string, reason: string | undefined): Interlock | undefined {
  const progress = progressOf(status);
  if (progress === "settled") return undefined;
  const words = progress === "failed" && reason ? ` (${reason})` : "";
  return { stops: progress === "failed" ? "destruction" : "machine", because: `${what} is ${status}${words}` };
}
