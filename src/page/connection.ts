import type { Ward, WardProblem } from "../http/ward.ts";
import { backoff } from "../util/backoff.ts";
import type { StreamEvent } from "./event-stream.ts";
import type { PageClock } from "./page-clock.ts";
import { Refusal, type Server } from "./server.ts";

/** How the line to the server is. `sinceMonoMs`: when it broke. */
export type Line =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** The server is there, but cannot read the cluster. */
  | { readonly kind: "blind"; readonly why: string }
  | { readonly kind: "lost"; readonly why: string; readonly sinceMonoMs: number; readonly retryAtMonoMs: number }
  /** The server wants to know who reads (`isUnknown`), or does not show itself to whoever signed in. */
  | { readonly kind: "refused"; readonly why: string; readonly isUnknown: boolean };

const firstWaitMs = 1_000;
const mostWaitMs = 30_000;
/** A stream that lasted so long ends in good order: the server wants to know anew who reads. */
const orderlyMs = 60_000;

export interface ConnectionEvents {
  readonly onWard: (ward: Ward) => void;
  readonly onLine: (line: Line) => void;
  /** The server has given a sign of life: what is shown is as it is now. */
  readonly onLife: () => void;
}

/** Keeps the stream of wards open for as long as the page is, with growing pauses between tries. */
export class Connection {
  readonly #server: Server;
  readonly #clock: PageClock;
  readonly #events: ConnectionEvents;
  readonly #waits = backoff(firstWaitMs, mostWaitMs);
  #isBlind = false;
  #lostAtMonoMs: number | undefined;
  #wake: () => void = () => {};
  #reading: AbortController | undefined;

  constructor(server: Server, clock: PageClock, events: ConnectionEvents) {
    this.#server = server;
    this.#clock = clock;
    this.#events = events;
  }

  /** Never resolves. */
  async run(): Promise<never> {
    this.#events.onLine({ kind: "connecting" });
    for (;;) {
      const begunMonoMs = this.#clock.monoMs();
      const why = await this.#read();
      if (why !== undefined || this.#clock.monoMs() - begunMonoMs < orderlyMs) {
        await this.#lost(why ?? new Error("the server has ended it"));
      }
    }
  }

  /** Tries at once if it is waiting; a line that is open stays. */
  retryNow(): void {
    this.#wake();
  }

  /** Opens the line anew, as somebody else. */
  reopen(): void {
    this.#reading?.abort(new Error("signed in or out"));
    this.#wake();
  }

  /** @returns what broke it; undefined when the server ended it */
  async #read(): Promise<Error | undefined> {
    const reading = new AbortController();
    this.#reading = reading;
    try {
      await this.#server.follow((events) => this.#take(events), reading.signal);
      return undefined;
    } catch (error) {
      return error instanceof TypeError ? new Error("nobody answers") : asError(error);
    } finally {
      // after a nonsensical event the line would stay open otherwise
      reading.abort();
    }
  }

  #take(events: readonly StreamEvent[]): void {
    for (const { name, data } of events) {
      if (name === "problem") {
        this.#isBlind = true;
        this.#events.onLine({ kind: "blind", why: (JSON.parse(data) as WardProblem).message });
      }
      if (name !== "ward") continue;
      const ward = JSON.parse(data) as Ward;
      this.#isBlind = false;
      this.#lostAtMonoMs = undefined;
      this.#waits.reset();
      this.#events.onLine({ kind: "live" });
      this.#events.onWard(ward);
    }
    if (!this.#isBlind) this.#events.onLife();
  }

  async #lost(why: Error): Promise<void> {
    const { onLine } = this.#events;
    this.#isBlind = false;
    this.#lostAtMonoMs ??= this.#clock.monoMs();
    if (why instanceof Refusal && (why.status === 401 || why.status === 403)) {
      onLine({ kind: "refused", why: why.message, isUnknown: why.status === 401 });
      return this.#rest(mostWaitMs);
    }
    const waitMs = this.#waits.next();
    const retryAtMonoMs = this.#clock.monoMs() + waitMs;
    onLine({ kind: "lost", why: why.message, sinceMonoMs: this.#lostAtMonoMs, retryAtMonoMs });
    return this.#rest(waitMs);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, () => resolve());
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
