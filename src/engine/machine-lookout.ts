import type { NodeFacts, NodeName, PowerReading } from "../core/model.ts";
import type { Policy } from "../core/policy.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import { type MonoMs, secondMs } from "../core/time.ts";
import { identityOf } from "./machine-identity.ts";
import type { Machines } from "./machines.ts";
import { Slots } from "./slots.ts";
import { type Again, WorkQueue } from "./work-queue.ts";
import type { World } from "./world.ts";

/** A machine that reads on is asked again after this, one that reads off twice as often: proof must stay fresh. */
const lookAgainMs = 8_000;
const keepProofMs = 4_000;
/** While the owner has nothing against a repair it is asked again this often; it is asked anew before each act. */
const allowedAgainMs = 30 * secondMs;
/** Questions to the provider at once. */
const atOnce = 8;
/** A node whose machine reads off must have fallen silent this long after `silence`, or its kubelet lives elsewhere. */
const graceMs = 30 * secondMs;

/** Whether the repair reads the machine at its own steps, or follows what takes its place. */
function readsItself({ phase, rung, replacement }: RepairRecord): boolean {
  if (phase === "Recovering" && rung === "replace") return replacement !== undefined;
  return phase === "Fencing" || phase === "Releasing" || phase === "Restoring";
}

/**
 * Looks at the machines of silent nodes: the first look is at once, and a machine found off is proven off 2 s later. A machine
 * found off before its node is silent is looked at until that is known, so that the proof is there by then.
 */
export class MachineLookout {
  readonly #machines: Machines;
  readonly #world: World;
  readonly #queue: WorkQueue;
  readonly #signal: AbortSignal;
  readonly #onReading: () => void;
  readonly #offReadIntervalMs: number;
  readonly #silenceMs: number;
  #wanted: ReadonlyMap<NodeName, NodeFacts> = new Map();
  /** Found off before their silence, and until when they are looked at without it. */
  readonly #foundOff = new Map<NodeName, MonoMs>();
  readonly #slots = new Slots(atOnce);

  /** @param onReading called after each look */
  constructor(
    machines: Machines,
    world: World,
    signal: AbortSignal,
    { fencing, silenceMs }: Pick<Policy, "fencing" | "silenceMs">,
    onReading: () => void,
  ) {
    this.#offReadIntervalMs = fencing.offReadIntervalMs;
    this.#silenceMs = silenceMs;
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
    const asked = new Set(names);
    const wanted = new Map<NodeName, NodeFacts>();
    for (const name of [...asked, ...this.#stillFoundOff()]) {
      const node = nodes.get(name);
      const stored = records.get(name);
      const isOwned = stored?.kind === "record" && readsItself(stored.record);
      if (node !== undefined && !isOwned) wanted.set(name, node);
    }
    this.#wanted = wanted;
    for (const name of wanted.keys()) if (!before.has(name)) this.#queue.add(name);
    for (const name of before.keys()) if (!asked.has(name) && !wanted.has(name)) this.#machines.forget(name);
  }

  /**
   * Looks once at a node that is not watched, without waiting for a turn: the caller bounds how many. One that reads off is
   * watched from now on until it is silent, or that should have been. Of a watched node the next look comes now.
   *
   * @returns what was read; undefined where nothing was: the node is watched, a repair sees to it, or it has no machine
   */
  async lookNow(node: NodeFacts): Promise<PowerReading | undefined> {
    const { name } = node;
    if (this.#wanted.has(name)) this.#queue.add(name);
    if (this.#wanted.has(name) || !this.#mayStart(name)) return undefined;
    const reading = await this.#ask(node);
    if (this.#signal.aborted || this.#wanted.has(name)) return reading;
    if (reading?.power !== "off") {
      this.#machines.forget(name);
      return reading;
    }
    this.#foundOff.set(name, this.#world.clock.now().monoMs + this.#silenceMs + graceMs);
    this.#wanted = new Map(this.#wanted).set(name, node);
    this.#queue.addAfter(name, this.#offReadIntervalMs);
    this.#onReading();
    return reading;
  }

  async drained(): Promise<void> {
    await this.#queue.drained();
  }

  #stillFoundOff(): NodeName[] {
    const { monoMs } = this.#world.clock.now();
    for (const [name, untilMonoMs] of this.#foundOff) if (monoMs >= untilMonoMs) this.#foundOff.delete(name);
    return [...this.#foundOff.keys()];
  }

  async #look(name: NodeName): Promise<Again> {
    using _slot = await this.#slots.take();
    const node = this.#wanted.get(name);
    if (node === undefined || this.#signal.aborted) return undefined;
    const earlier = this.#machines.readings().get(name)?.at(-1)?.power;
    const reading = await this.#ask(node);
    if (reading?.power !== "off") this.#foundOff.delete(name);
    this.#onReading();
    if (reading?.power !== "off") return { afterMs: lookAgainMs };
    return { afterMs: earlier === "off" ? keepProofMs : this.#offReadIntervalMs };
  }

  /** Reads a node's machine, and what its owner forbids where that could matter. Undefined: it has none. */
  async #ask(node: NodeFacts): Promise<PowerReading | undefined> {
    const claim = await this.#machines.identify(node, this.#signal);
    if (claim.kind === "none") return undefined;
    const identity = identityOf(node);
    const [reading] = await Promise.all([
      this.#machines.observe(claim.machine, identity, this.#signal),
      this.#mayStart(node.name) &&
        this.#machines.interlocks?.look(claim.machine, identity, this.#interlockAgeMs(node.name), this.#signal),
    ]);
    return reading;
  }

  #interlockAgeMs(name: NodeName): number {
    return this.#machines.interlocks?.sights().get(name)?.kind === "none" ? allowedAgainMs : 0;
  }

  /** A repair under way asks for interlocks itself, when they matter to it. */
  #mayStart(name: NodeName): boolean {
    const stored = this.#world.journal.records().get(name);
    return stored?.kind !== "record" || !(isActive(stored.record) || stored.record.phase === "Held");
  }
}
