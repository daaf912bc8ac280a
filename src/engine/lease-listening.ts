import type { LeaseSight, NodeName } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { NodeWatch } from "../ports/nodes.ts";

const readTimeoutMs = 5_000;
/** Nodes read at once. */
const atOnce = 32;
/** One node is read no more often than this: a read that settles nothing must not call for the next. */
const pauseMs = 1_000;

/** Live reads of the Leases that may have been still for `silence` since they were last read. */
export class LeaseListening {
  readonly #nodes: Pick<NodeWatch, "leaseOf" | "readLease">;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #heardAt = new Map<NodeName, MonoMs>();

  constructor(nodes: Pick<NodeWatch, "leaseOf" | "readLease">, clock: Clock, signal: AbortSignal) {
    this.#nodes = nodes;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Reads some of these nodes' Leases once. True when one of them moved, is gone, or is now known silent. Never throws. */
  async hear(nodes: readonly NodeName[], silenceMs: number): Promise<boolean> {
    const now = this.#clock.now().monoMs;
    for (const [node, atMonoMs] of this.#heardAt) if (now - atMonoMs >= pauseMs) this.#heardAt.delete(node);
    const turn = nodes.filter((it) => !this.#heardAt.has(it)).slice(0, atOnce);
    for (const node of turn) this.#heardAt.set(node, now);
    const isNews = await Promise.all(turn.map((node) => this.#isNews(node, silenceMs)));
    return isNews.includes(true);
  }

  async #isNews(node: NodeName, silenceMs: number): Promise<boolean> {
    using deadline = this.#clock.deadline(readTimeoutMs, this.#signal);
    const before = this.#nodes.leaseOf(node);
    try {
      const after = await this.#nodes.readLease(node, deadline.signal);
      return !isSame(before, after) || (after !== undefined && after.readAtMonoMs - after.changedAtMonoMs >= silenceMs);
    } catch {
      // The Leases are polled anyway, and that says what is wrong.
      return false;
    }
  }
}

function isSame(before: LeaseSight | undefined, after: LeaseSight | undefined): boolean {
  return before?.version === after?.version && before?.changedAtMonoMs === after?.changedAtMonoMs;
}
