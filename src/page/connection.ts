import type { Ward } from "../http/ward.ts";
import { backoff } from "../util/backoff.ts";
import type { PageClock } from "./page-clock.ts";
import { Refusal, type Server } from "./server.ts";

/** How the line to the server is. `sinceMonoMs`: when it broke. */
export type Line =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly why: string; readonly sinceMonoMs: number; readonly retryAtMonoMs: number }
  /** The server wants to know who reads. */
  | { readonly kind: "refused"; readonly why: string };

const firstWaitMs = 1_000;
const mostWaitMs = 30_000;

/** Keeps the stream of wards open for as long as the page is, with growing pauses between tries. */
export class Connection {
  readonly #server: Server;
  readonly #clock: PageClock;
  readonly #onWard: (ward: Ward) => void;
  readonly #onLine: (line: Line) => void;
  readonly #waits = backoff(firstWaitMs, mostWaitMs);
  #lostAtMonoMs: number | undefined;
  #wake: () => void = () => {};
  #reading: AbortController | undefined;

  constructor(server: Server, clock: PageClock, onWard: (ward: Ward) => void, onLine: (line: Line) => void) {
    this.#server = server;
    this.#clock = clock;
    this.#onWard = onWard;
    this.#onLine = onLine;
  }

  /** Never resolves. */
  async run(): Promise<never> {
    this.#onLine({ kind: "connecting" });
    for (;;) {
      const why = await this.#read();
      this.#lostAtMonoMs ??= this.#clock.monoMs();
      const isRefused = why instanceof Refusal && (why.status === 401 || why.status === 403);
      const waitMs = this.#waits.next();
      const retryAtMonoMs = this.#clock.monoMs() + waitMs;
      const sinceMonoMs = this.#lostAtMonoMs;
      this.#onLine(
        isRefused
          ? { kind: "refused", why: why.message }
          : { kind: "lost", why: why.message, sinceMonoMs, retryAtMonoMs },
      );
      await this.#rest(isRefused ? mostWaitMs : waitMs);
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

  async #read(): Promise<Error> {
    const reading = new AbortController();
    this.#reading = reading;
    try {
      await this.#server.follow(({ name, data }) => {
        if (name !== "ward") return;
        const ward = JSON.parse(data) as Ward;
        this.#lostAtMonoMs = undefined;
        this.#waits.reset();
        this.#onLine({ kind: "live" });
        this.#onWard(ward);
      }, reading.signal);
      return new Error("the server has ended it");
    } catch (error) {
      return error instanceof TypeError ? new Error("nobody answers") : asError(error);
    } finally {
      // after a nonsensical event the line would stay open otherwise
      reading.abort();
    }
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
