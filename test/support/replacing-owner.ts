import type { RepairRecord } from "../../src/core/record.ts";
import type { ReplacementSeen } from "../../src/core/step.ts";
import { node, ready } from "./core-builders.ts";
import type { RepairWorld } from "./repair-world.ts";

/** What stands where the old machine stood. */
export type SuccessorName = "other" | "same";

/** The owner of the machine of a RepairWorld: replaces it slowly, by itself, and can be asked how that stands. Pure. */
export class ReplacingOwner {
  /** How often a replacement was begun. */
  begun = 0;
  isOldGone = false;
  readonly #world: RepairWorld;
  readonly #random: () => number;
  readonly #name: SuccessorName;
  #state: "not-begun" | "under-way" | "done" = "not-begun";
  #wellSinceMs: number | undefined;
  #goneReadAtMs: number | undefined;

  constructor(world: RepairWorld, random: () => number, name: SuccessorName) {
    this.#world = world;
    this.#random = random;
    this.#name = name;
  }

  begin(): void {
    this.begun += 1;
    const world = this.#world;
    world.after(1_000 + this.#random() * 4_000, () => {
      this.#state = "under-way";
      world.after(this.#random() * 60_000, () => this.#destroy());
    });
  }

  #destroy(): void {
    const world = this.#world;
    world.destroy();
    this.isOldGone = true;
    world.after(10_000 + this.#random() * 60_000, () => {
      this.#state = "done";
      this.#wellSinceMs = world.atMs;
      if (this.#name === "same") this.#register();
    });
  }

  /** A kubelet of the same name takes over the Node that is there, or makes one. */
  #register(): void {
    const world = this.#world;
    const its = { systemUUID: "uuid-next", bootID: "boot-next", conditions: [ready("True")] };
    if (world.node === undefined) world.node = node("n1", { uid: "uid-next", ...its });
    else world.patch(its);
    world.isGone = false;
    world.power = "on";
    world.isKubeletAlive = true;
    world.leaseVersion += 1;
  }

  /** One read by a leader that remembers its earlier ones in `ageOf`. Now and then it cannot be asked. */
  seen(record: RepairRecord, ageOf: (fact: string) => number): ReplacementSeen | undefined {
    if (record.replacement === undefined) return undefined;
    const isAnswering = this.#random() > 0.1;
    const { atMs } = this.#world;
    if (!isAnswering || !this.isOldGone) this.#goneReadAtMs = undefined;
    else this.#goneReadAtMs ??= atMs;
    const state = isAnswering ? this.#state : "unreadable";
    const isDone = isAnswering && state === "done";
    return {
      state,
      stateForMs: ageOf(`replacement ${state}`),
      isOldGone: this.#goneReadAtMs !== undefined && atMs - this.#goneReadAtMs >= 2_000,
      successor: isDone ? "m-next" : undefined,
      successorNode: isDone ? (this.#name === "same" ? "n1" : "n2") : undefined,
      successorHealthyForMs: isDone && this.#wellSinceMs !== undefined ? atMs - this.#wellSinceMs : 0,
      text: state,
    };
  }

  /** The fact whose age `seen` asks for. */
  fact(): string {
    return `replacement ${this.#state}`;
  }
}
