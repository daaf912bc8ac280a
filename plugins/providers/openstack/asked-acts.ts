import type { Act } from "../../../src/plugin-api/index.ts";

export type ActKind = "stop" | "start" | "reboot" | "rebuild" | "evacuate" | "force-down" | "resize" | "update";

/** An act that the cloud has accepted, or may have. */
export interface AskedAct {
  readonly kind: ActKind;
  /** The engine's id of the act. */
  readonly id: string;
  /** The service's id of the request, empty where it gave none. */
  readonly requestId: string;
  /** The answer was lost: it may have been accepted. */
  readonly isUncertain: boolean;
  /** The server has been seen as it was wished for: whatever it is later, this act did not fail. */
  readonly isFulfilled?: true;
  /** Of a rebuild: the boot volume that is written anew. */
  readonly volume?: string;
}

const mostMachines = 5_000;

/** What this process asked of each machine last. Lost with the process: everything else is told by the cloud itself. */
export class AskedActs {
  readonly #last = new Map<string, AskedAct>();

  last(machine: string): AskedAct | undefined {
    return this.#last.get(machine);
  }

  /** The same act was accepted before: one that is not told from the machine's state must not happen twice. */
  isRepeated(act: Act, kind: ActKind): boolean {
    const last = this.#last.get(act.machine);
    return last?.id === act.id && last.kind === kind && !last.isUncertain;
  }

  remember(machine: string, asked: AskedAct): void {
    this.#last.delete(machine);
    this.#last.set(machine, asked);
    const [oldest] = this.#last.keys();
    if (this.#last.size > mostMachines && oldest !== undefined) this.#last.delete(oldest);
  }

  fulfilled(machine: string): void {
    const last = this.#last.get(machine);
    if (last !== undefined) this.#last.set(machine, { ...last, isFulfilled: true });
  }

  forget(machine: string): void {
    this.#last.delete(machine);
  }
}
