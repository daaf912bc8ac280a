import type { ApiRequest } from "./request.ts";

/** What goes wrong with one request. Unless it says otherwise, a write is not applied. */
export type Fault =
  /** The socket is destroyed. */
  | { readonly kind: "reset" }
  /** No answer, the socket stays open. */
  | { readonly kind: "stall" }
  /** Applied, and then the answer is lost: socket destroyed, or silent. */
  | { readonly kind: "lose-answer"; readonly then: "reset" | "stall" }
  /** From here on the whole instance hears nothing more; `applied` says whether this last request still counts. */
  | { readonly kind: "kill"; readonly applied: boolean }
  /** This answer instead of the real one: a Status with this code, or `text` as text/plain. */
  | {
      readonly kind: "answer";
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly text?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The real answer, this much later on the clock. */
  | { readonly kind: "delay"; readonly ms: number }
  /** A watch: 200 and then nothing, as from a revision of the future. */
  | { readonly kind: "silent-watch" }
  /** A watch: 200 and the ERROR event with code 410. */
  | { readonly kind: "expired-watch" };

/** A request as fault rules and write hooks see it. */
export interface CountedRequest extends ApiRequest {
  /** Which counted write of its instance this is, from 1; 0 for reads and for writes that are not counted. */
  readonly writeNumber: number;
}

/** Conditions that must all hold; `path` is tested against path and query. */
export interface FaultMatch {
  readonly method?: string;
  readonly path?: RegExp;
  readonly instance?: string;
  readonly plural?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly isWatch?: boolean;
  readonly isWrite?: boolean;
  readonly writeNumber?: number;
}

export interface FaultRule {
  readonly match: FaultMatch | ((request: CountedRequest) => boolean);
  readonly fault: Fault;
  /** How many requests it strikes; once unless given, `Infinity` until removed. */
  readonly times?: number;
}

/** A rule in force. */
export interface ActiveFault {
  /** How many requests it struck so far. */
  readonly hits: number;
  remove(): void;
}

interface Entry {
  readonly rule: FaultRule;
  hits: number;
}

/** Fault rules, asked in the order in which they were added; the first that matches strikes. */
export class Faults {
  readonly #entries = new Set<Entry>();

  add(rule: FaultRule): ActiveFault {
    const entry: Entry = { rule, hits: 0 };
    this.#entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => void this.#entries.delete(entry),
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  take(request: CountedRequest): Fault | undefined {
    for (const entry of this.#entries) {
      if (entry.hits >= (entry.rule.times ?? 1) || !isMatch(entry.rule.match, request)) continue;
      entry.hits += 1;
      return entry.rule.fault;
    }
    return undefined;
  }
}

function isMatch(match: FaultRule["match"], request: CountedRequest): boolean {
  if (typeof match === "function") return match(request);
  const { path, plural, ...exact } = match;
  if (plural !== undefined && plural !== request.kind?.plural) return false;
  if (path !== undefined && !path.test(`${request.path}?${request.query}`)) return false;
  return Object.entries(exact).every(([key, value]) => request[key as keyof CountedRequest] === value);
}
