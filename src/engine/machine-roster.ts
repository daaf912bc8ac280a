import type { MachineId, NodeFacts, NodeName } from "../core/model.ts";
import { minuteMs } from "../core/time.ts";
import type { NodeIdentity } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { identityOf, isSameIdentity } from "./machine-identity.ts";
import type { Machines } from "./machines.ts";
import { Slots } from "./slots.ts";
import { type Again, WorkQueue } from "./work-queue.ts";

/** Questions to the provider at once: nobody waits for the answers. */
const atOnce = 2;
/** A node whose machine is not known is asked about again after this. */
const askAgainMs = minuteMs;

export interface RosterParts {
  readonly machines: Pick<Machines, "claimOf">;
  readonly nodes: () => ReadonlyMap<NodeName, NodeFacts>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Entry {
  /** What was asked: another annotation or id on the Node is another question. */
  readonly question: NodeIdentity;
  /** Undefined: no answer yet that names one. */
  readonly machine: MachineId | undefined;
}

/**
 * Which machine each node is, well ones too, so that a hint finds its node. For that alone: a repair goes by a claim that is
 * asked for when it is needed.
 */
export class MachineRoster {
  readonly #parts: RosterParts;
  readonly #signal: AbortSignal;
  readonly #queue: WorkQueue;
  readonly #slots = new Slots(atOnce);
  readonly #entries = new Map<NodeName, Entry>();
  /** Made when it is asked for; undefined again after each change of the entries. */
  #byMachine: ReadonlyMap<MachineId | undefined, readonly NodeName[]> | undefined;

  constructor(parts: RosterParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#queue = new WorkQueue(
      parts.clock,
      (node) => this.#ask(node),
      signal,
      (node, err) => parts.log.error({ node, err }, "asking which machine a node is threw something unexpected"),
    );
  }

  /** The nodes that are this machine; two only where one of them is wrong. */
  nodesOf(machine: MachineId): readonly NodeName[] {
    this.#byMachine ??= Map.groupBy(this.#entries.keys(), (name) => this.#entries.get(name)?.machine);
    return this.#byMachine.get(machine) ?? [];
  }

  /** To be told of each change of a node, or of a new list of all (undefined). */
  nodeChanged(name: NodeName | undefined): void {
    const all = this.#parts.nodes();
    for (const each of name === undefined ? this.#entries.keys() : [name]) if (!all.has(each)) this.#forget(each);
    for (const each of name === undefined ? all.keys() : [name]) {
      const node = all.get(each);
      if (node !== undefined && !this.#isAnswered(node)) this.#queue.add(each);
    }
  }

  async drained(): Promise<void> {
    await this.#queue.drained();
  }

  #forget(name: NodeName): void {
    this.#entries.delete(name);
    this.#byMachine = undefined;
  }

  #isAnswered(node: NodeFacts): boolean {
    const entry = this.#entries.get(node.name);
    return entry !== undefined && isSameIdentity(entry.question, identityOf(node));
  }

  async #ask(name: NodeName): Promise<Again> {
    using _slot = await this.#slots.take();
    const node = this.#parts.nodes().get(name);
    if (node === undefined || this.#signal.aborted) return undefined;
    const claim = await this.#parts.machines.claimOf(node, this.#signal);
    const machine = claim.kind === "known" ? claim.machine : undefined;
    this.#entries.set(name, { question: identityOf(node), machine });
    this.#byMachine = undefined;
    return machine === undefined ? { afterMs: askAgainMs } : undefined;
  }
}
