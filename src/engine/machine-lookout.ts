import type { NodeFacts, NodeName } from "../core/model.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import { identityOf } from "./machine-identity.ts";
import type { Machines } from "./machines.ts";
import { type Again, WorkQueue } from "./work-queue.ts";
import type { World } from "./world.ts";

/** A machine that reads on is asked again after this, one that reads off twice as often: proof must stay fresh. */
const lookAgainMs = 8_000;
const keepProofMs = 4_000;
/** Questions to the provider at once. */
const atOnce = 8;

/** Whether the repair reads the machine at its own steps, or follows what takes its place. */
function readsItself({ phase, rung, replacement }: RepairRecord): boolean {
  if (phase === "Recovering" && rung === "replace") return replacement !== undefined;
  return phase === "Fencing" || phase === "Releasing" || phase === "Restoring";
}

/** Looks at the machines of silent nodes: the first look is at once, and a machine found off is proven off 2 s later. */
export class MachineLookout {
  readonly #machines: Machines;
  readonly #world: World;
  readonly #queue: WorkQueue;
  readonly #signal: AbortSignal;
  readonly #onReading: () => void;
  readonly #offReadIntervalMs: number;
  #wanted: ReadonlyMap<NodeName, NodeFacts> = new Map();
  #free = atOnce;
  readonly #waiting: (() => void)[] = [];

  /** @param offReadIntervalMs between the two reads that prove a machine off */
  constructor(machines: Machines, world: World, signal: AbortSignal, offReadIntervalMs: number, onReading: () => void) {
    this.#offReadIntervalMs = offReadIntervalMs;
    this.#machines = machines;
    this.#world = world;
    this.#signal = signal;
    this.#onReading = onReading;
    this.#queue = new WorkQueue(
      world.clock,
      (node) => this.#look(node),
      signal,
      (node, error) => world.log.error({ node, err: error }, "a look at a machine threw something unexpected"),
    );
  }

  /** The nodes to look at from now on; others are forgotten. A node with a repair under way is read by the repair. */
  watch(names: readonly NodeName[], nodes: ReadonlyMap<NodeName, NodeFacts>): void {
    const before = this.#wanted;
    const records = this.#world.journal.records();
    const wanted = new Map<NodeName, NodeFacts>();
    for (const name of names) {
      const node = nodes.get(name);
      const stored = records.get(name);
      const isOwned = stored?.kind === "record" && readsItself(stored.record);
      if (node !== undefined && !isOwned) wanted.set(name, node);
    }
    this.#wanted = wanted;
    for (const name of wanted.keys()) if (!before.has(name)) this.#queue.add(name);
    for (const name of before.keys()) if (!names.includes(name)) this.#machines.forget(name);
  }

  async drained(): Promise<void> {
    await this.#queue.drained();
  }

  async #look(name: NodeName): Promise<Again> {
    const node = this.#wanted.get(name);
    if (node === undefined) return undefined;
    await this.#slot();
    try {
      if (this.#signal.aborted) return undefined;
      const claim = await this.#machines.identify(node, this.#signal);
      if (claim.kind === "none") {
        this.#onReading();
        return { afterMs: lookAgainMs };
      }
      const earlier = this.#machines.readings().get(name)?.at(-1)?.power;
      const identity = identityOf(node);
      const [reading] = await Promise.all([
        this.#machines.observe(claim.machine, identity, this.#signal),
        this.#mayStart(name) && this.#machines.interlocks?.look(claim.machine, identity, 0, this.#signal),
      ]);
      this.#onReading();
      if (reading.power !== "off") return { afterMs: lookAgainMs };
      return { afterMs: earlier === "off" ? keepProofMs : this.#offReadIntervalMs };
    } finally {
      this.#free += 1;
      this.#waiting.shift()?.();
    }
  }

  /** A repair under way asks for interlocks itself, when they matter to it. */
  #mayStart(name: NodeName): boolean {
    const stored = this.#world.journal.records().get(name);
    return stored?.kind !== "record" || !(isActive(stored.record) || stored.record.phase === "Held");
  }

  async #slot(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free -= 1;
  }
}
