import { type Clock, ProviderError } from "../../../src/plugin-api/index.ts";
import type { Heat } from "./heat.ts";
import type { StackRef } from "./stack.ts";

/** Magnum and Heat show an update only seconds after they accepted it. Longer than that is not waited for. */
const unseenMs = 30_000;

/**
 * The last update that this process asked of each stack. While its services still call themselves at rest another one
 * would cancel it, and nothing but this memory tells.
 */
export class AskedUpdates {
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly machine: string; readonly atMonoMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets the stack's last update when its machine has left the stack: it took place. */
  async look(root: StackRef, machine: string, heat: Heat, signal: AbortSignal): Promise<void> {
    const last = this.#other(root, machine);
    if (last === undefined) return;
    const rows = await heat.servers(root, signal);
    if (!rows.some(({ serverId }) => serverId === last.machine)) this.#last.delete(root.id);
  }

  /** To be called right before an update is asked for. @throws ProviderError (retry) when another one does not show yet */
  claim(root: StackRef, machine: string): void {
    const last = this.#other(root, machine);
    if (last === undefined) {
      this.#last.set(root.id, { machine, atMonoMs: this.#clock.now().monoMs });
      return;
    }
    const problem = `openstack: replacing server ${machine}: stack ${root.name} was asked a moment ago to replace ${last.machine}`;
    throw new ProviderError(`${problem}; a second update would cancel the first`, "retry");
  }

  #other(root: StackRef, machine: string) {
    const last = this.#last.get(root.id);
    const isYoung = last !== undefined && this.#clock.now().monoMs - last.atMonoMs < unseenMs;
    return isYoung && last.machine !== machine ? last : undefined;
  }
}
