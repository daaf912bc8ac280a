import { messageOf } from "../core/errors.ts";
import type { MachineId, NodeFacts, NodeName } from "../core/model.ts";
import { type MonoMs, minuteMs, secondMs } from "../core/time.ts";
import type { Provider } from "../plugin-api/provider.ts";
import { backoff } from "../util/backoff.ts";
import { MachineRoster, type RosterParts } from "./machine-roster.ts";
import type { Machines } from "./machines.ts";
import { Slots } from "./slots.ts";
import { type Again, WorkQueue } from "./work-queue.ts";
import type { World } from "./world.ts";

/** Hints of one node within this time are one: the look that follows is still within a second of what happened. */
const pauseMs = secondMs / 2;
/** Hinted nodes looked at once. Silent ones have their own turns, and repairs ask for themselves: no storm holds those up. */
const atOnce = 4;
/** A watch that ended is begun anew after this, doubling. */
const firstWaitMs = secondMs;
const longestWaitMs = minuteMs;

export interface HintParts extends RosterParts {
  readonly watch: NonNullable<Provider["watch"]>;
  /** Looks at a node whose machine's power may just have changed. Never throws. */
  readonly follow: (node: NodeFacts) => Promise<void>;
}

/**
 * What the machines' owner tells by itself, for one term. A hint proves nothing and changes nothing: it only brings forward
 * the look that would have come anyway. Those of machines that are no node are ignored.
 */
export class PowerHints {
  readonly #parts: HintParts;
  readonly #signal: AbortSignal;
  readonly #roster: MachineRoster;
  readonly #queue: WorkQueue;
  readonly #slots = new Slots(atOnce);
  /** When a node may be followed next. */
  readonly #nextAt = new Map<NodeName, MonoMs>();
  #problem: string | undefined;

  /** Undefined where the provider tells of nothing by itself. @param follow as in HintParts */
  static of(
    { provider, nodes, clock, log }: Pick<World, "provider" | "nodes" | "clock" | "log">,
    machines: Machines | undefined,
    signal: AbortSignal,
    follow: HintParts["follow"],
  ): PowerHints | undefined {
    if (provider?.watch === undefined || machines === undefined) return undefined;
    const watch = provider.watch.bind(provider);
    return new PowerHints({ watch, follow, machines, nodes: () => nodes.nodes(), clock, log }, signal);
  }

  constructor(parts: HintParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#roster = new MachineRoster(parts, signal);
    this.#queue = new WorkQueue(
      parts.clock,
      (node) => this.#follow(node),
      signal,
      (node, err) => parts.log.error({ node, err }, "following a hint threw something unexpected"),
    );
  }

  /** To be told of each change of a node, or of a new list of all (undefined). */
  nodeChanged(name: NodeName | undefined): void {
    const all = this.#parts.nodes();
    for (const each of name === undefined ? this.#nextAt.keys() : [name]) if (!all.has(each)) this.#nextAt.delete(each);
    this.#roster.nodeChanged(name);
  }

  /** Listens until the term ends; a watch that ends before is begun anew. Resolves when all it began is over. Never throws. */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    const waits = backoff(firstWaitMs, longestWaitMs);
    while (!this.#signal.aborted) {
      const begunAtMonoMs = clock.now().monoMs;
      const problem = await this.#watchOnce();
      if (this.#signal.aborted) break;
      const hasHeld = clock.now().monoMs - begunAtMonoMs >= longestWaitMs;
      if (hasHeld) waits.reset();
      this.#warn(problem, hasHeld);
      await clock.sleep(waits.next(), this.#signal).catch(() => undefined);
    }
    await Promise.all([this.#queue.drained(), this.#roster.drained()]);
  }

  /** Why it ended. */
  async #watchOnce(): Promise<string> {
    try {
      await this.#parts.watch((machine) => this.#hint(machine), this.#signal);
      return "it ended";
    } catch (error) {
      return messageOf(error);
    }
  }

  #warn(problem: string, isNew: boolean): void {
    if (problem !== this.#problem || isNew)
      this.#parts.log.warn(
        { problem },
        "the machines' owner tells of no changes of power now; they are found by looking, and it is asked again to tell",
      );
    this.#problem = problem;
  }

  #hint(machine: MachineId): void {
    if (this.#signal.aborted) return;
    const { monoMs } = this.#parts.clock.now();
    for (const node of this.#roster.nodesOf(machine)) {
      const waitMs = (this.#nextAt.get(node) ?? 0) - monoMs;
      if (waitMs > 0) this.#queue.addAfter(node, waitMs);
      else {
        this.#nextAt.set(node, monoMs + pauseMs);
        this.#queue.add(node);
      }
    }
  }

  async #follow(name: NodeName): Promise<Again> {
    using _slot = await this.#slots.take();
    const node = this.#parts.nodes().get(name);
    if (node === undefined || this.#signal.aborted) return undefined;
    this.#nextAt.set(name, this.#parts.clock.now().monoMs + pauseMs);
    await this.#parts.follow(node);
    return undefined;
  }
}
