import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";

/** Acts remembered at most; an older one is not asked for again. */
const kept = 256;

/** Sees to it that an act asked for twice with the same id happens once. */
export class BegunActs {
  readonly #acts = new Map<string, "done" | "begun">();

  /**
   * @param run the act; until `mayAct` has let it through, it leaves no mark
   * @param isRepeatable it may go on where an earlier run with this id stopped; only one that ended well is not run again
   * @throws ProviderError with remedy `re-read` when an earlier run began, did not end well and cannot be repeated
   */
  async once(act: Act, run: (act: Act) => Promise<void>, isRepeatable: boolean): Promise<void> {
    const earlier = this.#acts.get(act.id);
    if (earlier === "done") return;
    if (earlier === "begun" && !isRepeatable) {
      const problem = `act ${act.id} of ${act.machine} has begun already, and how it ended is not known`;
      throw new ProviderError(`libvirt: ${problem}`, "re-read");
    }
    const mayAct = async () => {
      await act.mayAct();
      this.#mark(act.id, "begun");
    };
    await run({ ...act, mayAct });
    this.#mark(act.id, "done");
  }

  #mark(id: string, stage: "done" | "begun"): void {
    this.#acts.set(id, stage);
    const [oldest] = this.#acts.keys();
    if (this.#acts.size > kept && oldest !== undefined) this.#acts.delete(oldest);
  }
}
