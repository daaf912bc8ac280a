import type { Ids } from "../ids.ts";
import type { Group, Stack } from "../orchestration/stack.ts";
import type { Stacks } from "../orchestration/stacks.ts";
import type { Schedule } from "../schedule.ts";
import type { CloudTimings } from "../timings.ts";
import type { Cluster, NodeGroup } from "./cluster.ts";
import { Poll } from "./poll.ts";

/** What a new cluster is to be. */
export interface NewCluster {
  readonly name: string;
  readonly masters: number;
  readonly workers: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly projectId: string;
  readonly userId: string;
  readonly imageId: string;
}

/** A share of its lag after which Magnum has told Heat of a resize. */
const tellHeatShare = 0.7;
/** From the 202 of a health report to its being visible. */
const healthMs = 300;

/** Magnum's memory, and what it does with its stacks. */
export class Clusters {
  readonly all = new Map<string, Cluster>();
  readonly #stacks: Stacks;
  readonly #ids: Ids;
  readonly #schedule: Schedule;
  readonly #timings: CloudTimings;
  readonly #poll: Poll;

  constructor(stacks: Stacks, ids: Ids, schedule: Schedule, timings: CloudTimings) {
    this.#stacks = stacks;
    this.#ids = ids;
    this.#schedule = schedule;
    this.#timings = timings;
    this.#poll = new Poll(schedule, timings.magnumPollMs, () => [...this.all.values()]);
  }

  /** A cluster that is complete at once. */
  createComplete(wish: NewCluster): Cluster {
    const { name, projectId, userId, imageId, masters, workers } = wish;
    const counts = { kube_masters: masters, kube_minions: workers };
    const fromVolume = Number(wish.labels.boot_volume_size ?? 0) > 0;
    const stack = this.#stacks.createComplete({ name, projectId, userId, imageId, counts, fromVolume });
    const wallMs = this.#schedule.wallMs;
    const cluster: Cluster = {
      ...{ uuid: this.#ids.uuid(), name, projectId, userId, templateId: this.#ids.uuid() },
      ...{ createdAtWallMs: wallMs, updatedAtWallMs: wallMs, stack, labels: { ...wish.labels } },
      ...{ status: "CREATE_COMPLETE", statusReason: null, healthStatus: null, healthReason: {}, faults: {} },
      groups: [],
    };
    cluster.groups.push(this.#newGroup("default-master", "master", stack, stack.groups[0] as Group));
    cluster.groups.push(this.#newGroup("default-worker", "worker", stack, stack.groups[1] as Group));
    this.all.set(cluster.uuid, cluster);
    return cluster;
  }

  find(nameOrId: string): Cluster | undefined {
    return this.all.get(nameOrId) ?? [...this.all.values()].find(({ name }) => name === nameOrId);
  }

  /**
   * The group shows it at once, the stack and the cluster a little later. What is named and does not exist is ignored.
   * While the stack is being updated, the second update cancels the first.
   */
  resize(cluster: Cluster, nodes: NodeGroup, count: number, unwanted: readonly string[]): void {
    nodes.nodeCount = count;
    nodes.status = "UPDATE_IN_PROGRESS";
    this.#schedule.after(this.#timings.magnumLagMs * tellHeatShare, () => {
      nodes.group.wanted = count;
      for (const one of unwanted) nodes.group.unwanted.add(one);
      this.#stacks.update(nodes.stack);
    });
    this.#schedule.after(this.#timings.magnumLagMs, () => {
      cluster.status = "UPDATE_IN_PROGRESS";
      cluster.statusReason = null;
      cluster.updatedAtWallMs = this.#schedule.wallMs;
      this.#poll.wake();
    });
  }

  /** Silently dropped in any status but a complete one. */
  setHealth(
    cluster: Cluster,
    health: { status?: string | undefined; reason?: Record<string, string> | undefined },
  ): void {
    if (!cluster.status.endsWith("_COMPLETE")) return;
    this.#schedule.after(healthMs, () => {
      if (health.status !== undefined) cluster.healthStatus = health.status;
      if (health.reason !== undefined) cluster.healthReason = health.reason;
    });
  }

  /** A node group with a stack of its own; its servers are there at once, Magnum says so at its next look. */
  addGroup(cluster: Cluster, name: string, count: number, imageId: string): NodeGroup {
    const { projectId, userId } = cluster;
    const wish = { projectId, userId, imageId, counts: { kube_minions: count }, fromVolume: false };
    const stack = this.#stacks.createComplete({ ...wish, name: `${cluster.name}-${name}` });
    const nodes = this.#newGroup(name, "worker", stack, stack.groups[0] as Group);
    nodes.status = "CREATE_IN_PROGRESS";
    cluster.groups.push(nodes);
    cluster.status = "UPDATE_IN_PROGRESS";
    this.#poll.wake();
    return nodes;
  }

  removeGroup(cluster: Cluster, nodes: NodeGroup): void {
    nodes.status = "DELETE_IN_PROGRESS";
    cluster.status = "UPDATE_IN_PROGRESS";
    this.#stacks.delete(nodes.stack, () => {
      cluster.groups = cluster.groups.filter((one) => one !== nodes);
    });
    this.#poll.wake();
  }

  /** Gone at once with its stacks and servers. */
  forget(cluster: Cluster): void {
    for (const { stack } of cluster.groups) this.#stacks.forget(stack);
    this.all.delete(cluster.uuid);
  }

  delete(cluster: Cluster): void {
    cluster.status = "DELETE_IN_PROGRESS";
    let left = new Set(cluster.groups.map(({ stack }) => stack));
    for (const stack of left) {
      this.#stacks.delete(stack, () => {
        left = new Set([...left].filter((one) => one !== stack));
        if (left.size === 0) this.all.delete(cluster.uuid);
      });
    }
  }

  #newGroup(name: string, role: NodeGroup["role"], stack: Stack, group: Group): NodeGroup {
    const wallMs = this.#schedule.wallMs;
    return {
      ...{ uuid: this.#ids.uuid(), name, role, isDefault: name.startsWith("default-"), nodeCount: group.wanted },
      ...{ status: "CREATE_COMPLETE", reason: "Stack CREATE completed successfully", stack, group },
      ...{ createdAtWallMs: wallMs, updatedAtWallMs: wallMs },
    };
  }
}
