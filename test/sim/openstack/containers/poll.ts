import type { Schedule } from "../schedule.ts";
import type { Cluster, NodeGroup } from "./cluster.ts";

/** Magnum's regular look at the stacks of clusters that are being worked on. Sleeps while there is none. */
export class Poll {
  readonly #schedule: Schedule;
  readonly #everyMs: number;
  readonly #clusters: () => readonly Cluster[];
  #isAwake = false;

  constructor(schedule: Schedule, everyMs: number, clusters: () => readonly Cluster[]) {
    this.#schedule = schedule;
    this.#everyMs = everyMs;
    this.#clusters = clusters;
  }

  wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    const untilNextMs = this.#everyMs - (this.#schedule.monoMs % this.#everyMs);
    this.#schedule.after(untilNextMs, () => {
      this.#isAwake = false;
      const busy = this.#clusters().filter(({ status }) => status === "UPDATE_IN_PROGRESS");
      for (const cluster of busy) this.#look(cluster);
      if (this.#clusters().some(({ status }) => status === "UPDATE_IN_PROGRESS")) this.wake();
    });
  }

  #look(cluster: Cluster): void {
    for (const nodes of cluster.groups) this.#learn(nodes);
    cluster.updatedAtWallMs = this.#schedule.wallMs;
    if (cluster.groups.some(({ status }) => status.endsWith("_IN_PROGRESS"))) return;
    const failed = cluster.groups.filter(({ status }) => status.endsWith("_FAILED"));
    cluster.faults = Object.fromEntries(failed.map(({ name, reason }) => [name, reason]));
    cluster.status = failed.length === 0 ? "UPDATE_COMPLETE" : "UPDATE_FAILED";
    cluster.statusReason = failed.length === 0 ? null : failed.map(({ name }) => `${name} failed`).join(", ");
  }

  #learn(nodes: NodeGroup): void {
    if (nodes.status === "DELETE_IN_PROGRESS") return;
    const isNew = nodes.status === "CREATE_IN_PROGRESS";
    nodes.status = nodes.stack.status;
    nodes.reason = nodes.stack.reason;
    if (isNew) nodes.updatedAtWallMs = this.#schedule.wallMs;
  }
}
