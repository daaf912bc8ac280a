import type { MonoMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";

/** A server that a call or watch goes to. `left` aborts when that server is given up, so that what hangs on it moves on. */
export interface ServerPick {
  readonly base: string;
  readonly left: AbortSignal;
}

/** Reason of `ServerPick.left`. */
export class ServerLeft extends Error {}

const probeEveryMs = 500;
const quietMs = 2_000;
const probeDeadlineMs = 1_500;

/** One answer to `GET /readyz`. Never throws; a server that answers anything but a 5xx serves. */
export type ReadyProbe = (base: string, signal: AbortSignal) => Promise<boolean>;

/**
 * Which of several API servers is used. All calls and watches use one; when it fails they all move to the one whose
 * last failure is longest ago. With a single server nothing is ever left and nothing is probed.
 */
export class ApiServers {
  readonly #bases: readonly string[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #failedAt = new Map<string, MonoMs>();
  #current: string;
  #epoch = new AbortController();
  #heardAt: MonoMs;
  #isSuspect = false;

  constructor(bases: readonly string[], clock: Clock, log: Log, meter: Meter) {
    const first = bases[0];
    if (first === undefined) throw new Error("no API server");
    this.#bases = bases;
    this.#current = first;
    this.#clock = clock;
    this.#log = log;
    this.#meter = meter;
    this.#heardAt = clock.now().monoMs;
  }

  /** How many there are. */
  get count(): number {
    return this.#bases.length;
  }

  pick(): ServerPick {
    return { base: this.#current, left: this.#epoch.signal };
  }

  /** Any byte from a server. */
  heard(base: string): void {
    if (base === this.#current) this.#heardAt = this.#clock.now().monoMs;
  }

  /** When any byte last came from the server in use, or when it was chosen. */
  get heardAtMonoMs(): MonoMs {
    return this.#heardAt;
  }

  /** It answered with a 5xx or broke a connection: look at it soon. */
  suspect(base: string): void {
    if (base === this.#current) this.#isSuspect = true;
  }

  /** It cannot be reached, or a call's deadline passed without an answer. */
  fail(base: string, why: string): void {
    this.#failedAt.set(base, this.#clock.now().monoMs);
    if (base !== this.#current || this.#bases.length === 1) return;
    const next = this.#leastRecentlyFailed();
    this.#log.warn({ server: base, next, why }, "left an API server");
    this.#meter.count("aceso_kube_server_left_total");
    this.#current = next;
    this.#isSuspect = false;
    this.#heardAt = this.#clock.now().monoMs;
    const left = this.#epoch;
    this.#epoch = new AbortController();
    left.abort(new ServerLeft(`API server ${base} was left: ${why}`));
  }

  /**
   * Asks a server that is quiet or suspect whether it is ready, until the signal aborts. A server that stopped
   * without closing its sockets is found only so: watches may be silent for a minute.
   */
  async run(probe: ReadyProbe, signal: AbortSignal): Promise<void> {
    if (this.#bases.length === 1) return;
    while (!signal.aborted) {
      await this.#clock.sleep(probeEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const quietForMs = this.#clock.now().monoMs - this.#heardAt;
      if (!this.#isSuspect && quietForMs < quietMs) continue;
      const base = this.#current;
      using deadline = this.#clock.deadline(probeDeadlineMs, signal);
      const isReady = await probe(base, deadline.signal);
      if (signal.aborted) return;
      if (base === this.#current) this.#isSuspect = false;
      if (isReady) this.heard(base);
      else this.fail(base, "it is not ready");
    }
  }

  #leastRecentlyFailed(): string {
    const others = this.#bases.filter((base) => base !== this.#current);
    const age = (base: string) => this.#failedAt.get(base) ?? Number.NEGATIVE_INFINITY;
    return others.reduce((best, base) => (age(base) < age(best) ? base : best));
  }
}
