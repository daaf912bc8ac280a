/** Something that may have work in flight outside the event loop's own queues. */
export interface Activity {
  /** One line for each thing that time must wait for; empty when there is none. */
  inFlight(): readonly string[];
  /** Grows with everything that happens, so that a change between two looks is not missed. */
  readonly happenings: number;
}

const quietTurns = 6;
const spinTurns = 2_000;

/** Tells when nothing is in flight and the event loop has nothing left to do at once. */
export class Quiet {
  readonly #sources = new Set<Activity>();
  readonly #tracked = new Map<object, string>();
  #happenings = 0;

  track<T>(promise: Promise<T>, what: string): Promise<T> {
    const id = {};
    this.#tracked.set(id, what);
    const over = () => {
      this.#tracked.delete(id);
      this.#happenings += 1;
    };
    promise.then(over, over);
    return promise;
  }

  add(source: Activity): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  inFlight(): string[] {
    return [...this.#tracked.values(), ...[...this.#sources].flatMap((source) => source.inFlight())];
  }

  /** Resolves with true once several turns of the event loop passed with nothing in flight; false at `realEnd`. */
  async wait(realEnd: bigint): Promise<boolean> {
    let seen = -1;
    let calm = 0;
    for (let turn = 0; calm < quietTurns; turn += 1) {
      await (turn < spinTurns ? nextTurn() : millisecond());
      const happenings = this.#count();
      const isCalm = happenings === seen && this.inFlight().length === 0;
      calm = isCalm ? calm + 1 : 0;
      seen = happenings;
      if (process.hrtime.bigint() > realEnd) return false;
    }
    return true;
  }

  #count(): number {
    let sum = this.#happenings;
    for (const source of this.#sources) sum += source.happenings;
    return sum;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** So that a long wait for a child process does not keep a core busy. */
function millisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
