import { ProviderError, type Replacement, type ReplaceProgress } from "../../src/plugin-api/index.ts";
import type { HollowCluster, HollowNodeSpec } from "./hollow/cluster.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** How the owner of hollow machines replaces one. */
export interface ReplacerOptions {
  /** Name of the successor of `old`; the same one for a machine that keeps it. */
  readonly nameOf: (old: string) => string;
  /** From the request until its work is seen. */
  readonly shownAfterMs?: number;
  /** From the request until the old machine is gone. */
  readonly goneAfterMs?: number;
  /** From then until the new machine boots. */
  readonly madeAfterMs?: number;
  /** What is special about the new machine and its kubelet. */
  readonly successor?: Partial<Omit<HollowNodeSpec, "name" | "id">>;
}

interface Job {
  readonly startedAtMs: number;
  isOldGone: boolean;
  successor: string | undefined;
  failure: string | undefined;
}

/** Replaces hollow machines by others with other ids, as a cloud does: slowly, by itself, one request a machine. */
export class HollowReplacer implements Replacement {
  readonly jobs = new Map<string, Job>();
  /** How often each question was asked. */
  readonly asked = { plan: 0, follow: 0 };
  /** False: `follow` throws. */
  isReadable = true;
  /** The next request is accepted, and nothing ever comes of it. */
  losesNext = false;
  /** The next request ends so, with the old machine untouched. */
  failsNext: string | undefined;
  readonly #cluster: HollowCluster;
  readonly #clock: VirtualClock;
  readonly #options: ReplacerOptions;

  constructor(cluster: HollowCluster, clock: VirtualClock, options: ReplacerOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#options = options;
  }

  async plan(machine: string): Promise<string> {
    this.asked.plan += 1;
    return JSON.stringify({ replace: machine, jobs: this.jobs.size });
  }

  async follow(machine: string): Promise<ReplaceProgress> {
    this.asked.follow += 1;
    if (!this.isReadable) throw new ProviderError(`following ${machine}: no answer`, "retry");
    const job = this.jobs.get(machine);
    const { shownAfterMs = 3_000 } = this.#options;
    if (job === undefined || this.#clock.now().monoMs - job.startedAtMs < shownAfterMs) {
      return { state: "not-begun", isOldGone: false, text: "stack UPDATE_COMPLETE" };
    }
    const { isOldGone, successor, failure } = job;
    if (failure !== undefined) return { state: "failed", isOldGone, text: failure };
    if (successor === undefined) return { state: "under-way", isOldGone, text: "stack UPDATE_IN_PROGRESS" };
    return { state: "done", isOldGone, successor, text: "stack UPDATE_COMPLETE" };
  }

  /** Begins to replace it and returns at once. */
  begin(machine: string): void {
    if (this.losesNext) {
      this.losesNext = false;
      return;
    }
    if (this.jobs.has(machine)) throw new Error(`${machine} is replaced twice`);
    const job: Job = {
      startedAtMs: this.#clock.now().monoMs,
      isOldGone: false,
      successor: undefined,
      failure: this.failsNext,
    };
    this.failsNext = undefined;
    this.jobs.set(machine, job);
    if (job.failure === undefined) void this.#work(machine, job);
  }

  async #work(machine: string, job: Job): Promise<void> {
    const { goneAfterMs = 8_000, madeAfterMs = 20_000, nameOf, successor } = this.#options;
    await this.#clock.sleep(goneAfterMs);
    const old = this.#cluster.nodes.find((it) => it.machine.id === machine);
    if (old === undefined) return;
    this.#cluster.destroy(old.name);
    job.isOldGone = true;
    await this.#clock.sleep(madeAfterMs);
    const id = `${machine}-next`;
    await this.#cluster.add({ ...successor, name: nameOf(old.name), id });
    job.successor = id;
  }
}
