import type { Fields } from "../../kube/object.ts";
import type { Cluster, NodeGroup } from "../containers/cluster.ts";
import type { Clusters } from "../containers/clusters.ts";
import { json, Refusal } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import type { Caller } from "../identity/caller.ts";

/** A call to Magnum whose caller and version are known. */
export interface MagnumCall {
  readonly clusters: Clusters;
  readonly caller: Caller;
  /** 10 for 1.10. */
  readonly minor: number;
  readonly request: CloudRequest;
  readonly imageId: string;
}

/** @param detail a sentence with its full stop */
export function refuse(status: number, detail: string, code = "client"): Refusal {
  const title = detail.replace(/\..*$/s, "");
  return new Refusal(json(status, { errors: [{ request_id: "", code, status, title, detail, links: [] }] }));
}

/** A field that is not as it must be. */
export function invalid(field: string, shown: unknown, problem: string): Refusal {
  return refuse(400, `Invalid input for field/attribute ${field}. Value: '${shown}'. ${problem}`);
}

/** What old microversions say of what came later. */
export function needMinor(call: MagnumCall, minor: number): void {
  if (call.minor < minor) throw refuse(406, "", "");
}

/** By uuid or name. @throws Refusal 404 */
export function clusterOf({ clusters, caller }: MagnumCall, nameOrId: string): Cluster {
  const cluster = clusters.find(nameOrId);
  if (cluster?.projectId === caller.projectId) return cluster;
  throw refuse(404, `Cluster ${nameOrId} could not be found.`);
}

export function groupOf(cluster: Cluster, nameOrId: string): NodeGroup {
  const found = cluster.groups.find(({ name, uuid }) => name === nameOrId || uuid === nameOrId);
  if (found !== undefined) return found;
  throw refuse(404, `Nodegroup ${nameOrId} could not be found.`);
}

export function bodyOf(call: MagnumCall): Fields {
  return call.request.body ?? {};
}
