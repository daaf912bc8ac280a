import type { OpenStackAnswer } from "../../shared/openstack/call.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import { type Cluster, type NodeGroup, toCluster, toNodeGroup } from "./cluster.ts";
import { nonsense, recordsFrom, refusal } from "./refusal.ts";
import { VersionedService } from "./versioned-service.ts";

/** A resize that takes one server away and puts another one in its place. */
export interface Resize {
  readonly nodeCount: number;
  readonly serverId: string;
  /** Undefined: the default group of workers. */
  readonly group: string | undefined;
}

/** The calls of Magnum that are used, on one cluster. Each throws ProviderError. */
export class Magnum {
  /** Name or uuid. */
  readonly clusterName: string;
  readonly #calls: VersionedService;
  readonly #path: string;

  constructor(session: OpenStackSession, clusterName: string) {
    this.clusterName = clusterName;
    this.#calls = new VersionedService(session, "container-infra", "1.10");
    this.#path = `/clusters/${encodeURIComponent(clusterName)}`;
  }

  async cluster(signal: AbortSignal): Promise<Cluster> {
    const what = `reading cluster ${this.clusterName}`;
    const answer = await this.#calls.call({ method: "GET", path: this.#path, signal });
    if (answer.status !== 200) throw refusal(what, answer, "read");
    const cluster = toCluster(answer.body);
    if (cluster === undefined) throw nonsense(what, answer);
    return cluster;
  }

  /** Undefined: this Magnum is older than node groups (microversion 1.9). */
  async nodeGroups(signal: AbortSignal): Promise<readonly NodeGroup[] | undefined> {
    if (!(await this.#calls.allows("1.9", signal))) return undefined;
    const answer = await this.#calls.call({ method: "GET", path: `${this.#path}/nodegroups`, signal });
    const list = recordsFrom(`listing the node groups of cluster ${this.clusterName}`, answer, "nodegroups");
    return list.flatMap((one) => toNodeGroup(one) ?? []);
  }

  canResize(signal: AbortSignal): Promise<boolean> {
    return this.#calls.allows("1.7", signal);
  }

  /** @returns any status */
  resize({ nodeCount, serverId, group }: Resize, signal: AbortSignal): Promise<OpenStackAnswer> {
    const body = {
      node_count: nodeCount,
      nodes_to_remove: [serverId],
      ...(group !== undefined && { nodegroup: group }),
    };
    return this.#calls.call({ method: "POST", path: `${this.#path}/actions/resize`, body, signal });
  }

  /** @param reason Python literal of a dict of strings @returns any status; 202 also when Magnum drops it */
  setHealth(status: "HEALTHY" | "UNHEALTHY", reason: string, signal: AbortSignal): Promise<OpenStackAnswer> {
    const body = [
      { op: "replace", path: "/health_status", value: status },
      { op: "replace", path: "/health_status_reason", value: reason },
    ];
    return this.#calls.call({ method: "PATCH", path: this.#path, body, signal });
  }
}
