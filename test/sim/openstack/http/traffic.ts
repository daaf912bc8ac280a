import type { CloudService, SeenCall } from "../../../support/openstack-cloud.ts";

export type AnyService = SeenCall["service"];

/** An answer that a test puts in place of the service's own; nothing is carried out. */
export interface PlannedAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What becomes of one call. */
export type Fate =
  | { readonly kind: "serve" }
  /** Carried out, then the connection is cut. */
  | { readonly kind: "lose-answer" }
  | { readonly kind: "answer"; readonly answer: PlannedAnswer };

interface Plan {
  readonly service: AnyService;
  readonly method: string;
  readonly path: RegExp;
  readonly fate: Fate;
}

/** Hears of each call: before it is carried out, and after. True: the caller never gets an answer. */
export type CallListener = (call: SeenCall, when: "before" | "after") => boolean | undefined;

/** All calls to all services: what was seen, and what a test has in store for the next ones. */
export class Traffic {
  readonly #calls: SeenCall[] = [];
  readonly #plans: Plan[] = [];
  readonly #listeners = new Set<CallListener>();
  readonly #delays = new Map<AnyService, number>();
  happenings = 0;

  get calls(): readonly SeenCall[] {
    return this.#calls;
  }

  /** @returns how to write down the status that it was answered with */
  begin(call: Omit<SeenCall, "status">): SeenCall & { status: number } {
    const seen = { ...call, status: 0 };
    this.#calls.push(seen);
    this.happenings += 1;
    return seen;
  }

  plan(service: CloudService, method: string, path: RegExp, fate: Fate): void {
    this.#plans.push({ service, method, path, fate });
  }

  /** Of the next call of this kind. Used once. */
  take(call: SeenCall): Fate {
    const index = this.#plans.findIndex(
      ({ service, method, path }) => service === call.service && method === call.method && path.test(call.path),
    );
    return index < 0 ? { kind: "serve" } : (this.#plans.splice(index, 1)[0] as Plan).fate;
  }

  setDelay(service: AnyService, ms: number): void {
    this.#delays.set(service, ms);
  }

  delayMs(service: AnyService): number {
    return this.#delays.get(service) ?? 0;
  }

  onCall(listener: CallListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True: some listener wants the caller to wait for ever. */
  announce(call: SeenCall, when: "before" | "after"): boolean {
    return [...this.#listeners].map((listener) => listener(call, when)).includes(true);
  }
}
