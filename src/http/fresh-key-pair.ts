import { type Standing, standingOf } from "../core/certificate.ts";
import { messageOf } from "../core/errors.ts";
import { secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type KeyPair, type KeyPairFiles, readKeyPair } from "./key-pair.ts";

export interface FreshKeyPairParts {
  readonly files: KeyPairFiles;
  /** Takes each new pair. */
  readonly use: (pair: KeyPair) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const readMs = 5 * secondMs;
/** Looks at files that are no pair before it is said, while there is another one to go on with. */
const looksBeforeWord = 2;

const warnings: Readonly<Record<Exclude<Standing, "valid">, string>> = {
  "not-yet": "the status page's certificate does not hold yet: readers refuse it",
  "ends-soon": "the status page's certificate ends soon, and nobody has renewed it",
  ended: "the status page's certificate has ended: readers refuse it",
};

/** Reads a key pair anew now and then, and hands over what is new. What is no pair is told once and changes nothing. */
export class FreshKeyPair {
  readonly #parts: FreshKeyPairParts;
  #pair: KeyPair | undefined;
  #badLooks = 0;
  #told: string | undefined;
  #standing: Standing = "valid";

  constructor(parts: FreshKeyPairParts) {
    this.#parts = parts;
  }

  /** Looks every `everyMs` until the signal aborts. Never throws. */
  async run(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(everyMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.look(signal);
    }
  }

  /** Looks once. Never throws. */
  async look(signal: AbortSignal): Promise<void> {
    const { files, clock } = this.#parts;
    using deadline = clock.deadline(readMs, signal);
    try {
      this.#take(await readKeyPair(files, deadline.signal));
    } catch (error) {
      if (!signal.aborted) this.#complain(messageOf(error));
    }
  }

  #take(pair: KeyPair): void {
    const { use, clock, log } = this.#parts;
    this.#badLooks = 0;
    this.#told = undefined;
    const until = new Date(pair.validity.untilWallMs).toISOString();
    if (pair.cert !== this.#pair?.cert || pair.key !== this.#pair.key) {
      use(pair);
      log.info({ names: pair.names, until }, "the status page has a new certificate");
      this.#pair = pair;
      this.#standing = "valid";
    }
    const standing = standingOf(pair.validity, clock.now().wallMs);
    if (standing !== this.#standing && standing !== "valid") log.warn({ names: pair.names, until }, warnings[standing]);
    this.#standing = standing;
  }

  /** A kubelet replaces both files at once, people do not: a look in between sees the halves of two pairs. */
  #complain(problem: string): void {
    this.#badLooks += 1;
    if (problem === this.#told || (this.#pair !== undefined && this.#badLooks < looksBeforeWord)) return;
    this.#told = problem;
    const { log } = this.#parts;
    if (this.#pair === undefined) log.warn({ problem }, "the status page has no certificate: nobody can open it yet");
    else log.warn({ problem }, "the new certificate cannot be used; the status page goes on with the one before");
  }
}
