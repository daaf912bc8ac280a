import type { CountedRequest } from "./faults.ts";
import type { ApiRequest } from "./request.ts";

/** What a write hook is told. `code` is the answer's, after the write. */
export interface WriteNotice {
  readonly stage: "before" | "after";
  readonly request: CountedRequest;
  readonly code: number | undefined;
}

const uncounted = ["leases", "events", "observerreports"];

/** Numbers the writes of each instance, so that a crash matrix can say "at the k-th write of a". */
export class WriteCounter {
  readonly #isCounted: (request: ApiRequest) => boolean;
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Set<(notice: WriteNotice) => void>();

  constructor(isCounted = (request: ApiRequest) => !uncounted.includes(request.kind?.plural ?? "")) {
    this.#isCounted = isCounted;
  }

  /** Counted writes of an instance so far. */
  of(instance: string): number {
    return this.#counts.get(instance) ?? 0;
  }

  reset(): void {
    this.#counts.clear();
  }

  /** Calls back before and after each write, counted or not. Returns the way to stop. */
  onWrite(listener: (notice: WriteNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  number(request: ApiRequest): CountedRequest {
    if (!request.isWrite || !this.#isCounted(request)) return { ...request, writeNumber: 0 };
    const writeNumber = this.of(request.instance) + 1;
    this.#counts.set(request.instance, writeNumber);
    return { ...request, writeNumber };
  }

  announce(stage: WriteNotice["stage"], request: CountedRequest, code?: number): void {
    if (request.isWrite) for (const listener of [...this.#listeners]) listener({ stage, request, code });
  }
}
