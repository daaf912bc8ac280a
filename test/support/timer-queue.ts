interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly what: string;
  readonly run: () => void;
}

/** Timers in the order in which they are due; equal times in the order in which they were set. A binary heap. */
export class TimerQueue {
  readonly #heap: Timer[] = [];
  readonly #cancelled = new Set<Timer>();
  #order = 0;

  /** Returns the way to cancel it; harmless after it ran. */
  add(atMs: number, what: string, run: () => void): () => void {
    const timer: Timer = { atMs, order: this.#order++, what, run };
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    let isOver = false;
    const wrapped = timer as { run: () => void };
    wrapped.run = () => {
      isOver = true;
      run();
    };
    return () => {
      if (!isOver) this.#cancelled.add(timer);
      isOver = true;
    };
  }

  nextAtMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  runFirst(): void {
    this.#dropCancelled();
    this.#pop()?.run();
  }

  describe(nowMs: number): string {
    const pending = this.#heap.filter((timer) => !this.#cancelled.has(timer)).sort(isBefore);
    const shown = pending.slice(0, 12).map((timer) => `${timer.what} (in ${timer.atMs - nowMs} ms)`);
    if (pending.length > shown.length) shown.push(`and ${pending.length - shown.length} more`);
    return shown.length === 0 ? "none" : shown.join(", ");
  }

  #dropCancelled(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#cancelled.delete(first); first = this.#heap[0])
      this.#pop();
  }

  #pop(): Timer | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first !== last && last !== undefined) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return first;
  }

  #up(start: number): void {
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #down(start: number): void {
    for (let at = start; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const hasRight = right < this.#heap.length;
      if (left >= this.#heap.length) return;
      const least = hasRight && isBefore(this.#heap[right]!, this.#heap[left]!) < 0 ? right : left;
      if (!this.#swapIfBefore(least, at)) return;
      at = least;
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const below = this.#heap[lower]!;
    const above = this.#heap[upper]!;
    if (isBefore(below, above) >= 0) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }
}

function isBefore(left: Timer, right: Timer): number {
  return left.atMs - right.atMs || left.order - right.order;
}
