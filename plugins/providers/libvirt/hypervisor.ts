import { type Clock, type Log, type MonoMs, messageOf } from "../../../src/plugin-api/index.ts";
import type { CallOptions, Connection } from "./rpc/connection.ts";
import { ConnectionError, LibvirtError } from "./rpc/errors.ts";
import { openConnection } from "./rpc/open-connection.ts";
import type { Procedure } from "./rpc/procedures.ts";
import type { ConnectionUri } from "./rpc/uri.ts";

const openTimeoutMs = 10_000;
/** Waits between two tries to connect, doubled each time. */
const firstWaitMs = 500;
const longestWaitMs = 5_000;
/** A wrong password or certificate is not tried again sooner: it may lock an account. */
const configurationWaitMs = 60_000;

interface Refusal {
  readonly error: Error;
  readonly waitMs: number;
  readonly untilMonoMs: MonoMs;
}

/** One hypervisor, connected when it is first asked something, and again after its connection ended. */
export class Hypervisor {
  readonly #uri: ConnectionUri;
  readonly #isReadOnly: boolean;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #life = new AbortController();
  #opening: Promise<Connection> | undefined;
  #connection: Connection | undefined;
  #refusal: Refusal | undefined;

  constructor(uri: ConnectionUri, isReadOnly: boolean, clock: Clock, log: Log) {
    this.#uri = uri;
    this.#isReadOnly = isReadOnly;
    this.#clock = clock;
    this.#log = log;
  }

  /** Its URI without secrets. */
  get name(): string {
    return this.#uri.name;
  }

  /** @throws what Connection.call throws, or ConnectionError while there is no connection */
  async call<Args extends readonly unknown[], Answer>(
    procedure: Procedure<Args, Answer>,
    args: Args,
    options: CallOptions,
  ): Promise<Answer> {
    using deadline = this.#clock.deadline(openTimeoutMs, options.signal);
    const connection = await this.connect(deadline.signal);
    return await connection.call(procedure, args, options);
  }

  /**
   * The connection, opened if there is none. All callers share one try, which goes on when one of them gives up.
   *
   * @throws ConnectionError and others when it cannot be opened, at once while the last failure is too fresh
   */
  async connect(signal: AbortSignal): Promise<Connection> {
    if (this.#connection?.ended.aborted === false) return this.#connection;
    const refusal = this.#refusal;
    if (refusal !== undefined && this.#clock.now().monoMs < refusal.untilMonoMs) throw refusal.error;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return await unlessAborted(this.#opening, this.name, signal);
  }

  /** Ends the connection; nothing can be asked afterwards. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#life.abort(new Error("closed by us"));
    await opening?.catch(() => {});
    await this.#connection?.close();
  }

  async #open(): Promise<Connection> {
    try {
      const options = { isReadOnly: this.#isReadOnly, timeoutMs: openTimeoutMs, signal: this.#life.signal };
      const connection = await openConnection(this.#uri, this.#clock, options);
      if (this.#refusal !== undefined) this.#log.info({ hypervisor: this.name }, "the hypervisor answers again");
      this.#refusal = undefined;
      this.#connection = connection;
      this.#warnIfUnverified();
      return connection;
    } catch (error) {
      this.#remember(error);
      throw error;
    }
  }

  #warnIfUnverified(): void {
    const { target } = this.#uri;
    if (target.transport !== "ssh" || !target.takesUnknownHost) return;
    const advice = "anybody in between can switch machines off; take no_verify=1 out of the URI and give known_hosts=";
    this.#log.warn({ hypervisor: this.name, advice }, "a connection to a host whose key NOBODY HAS VERIFIED");
  }

  #remember(error: unknown): void {
    const isConfiguration =
      (error instanceof ConnectionError && error.isConfiguration) ||
      (error instanceof LibvirtError && error.remedy === "ask-operator");
    const doubled = Math.min((this.#refusal?.waitMs ?? firstWaitMs / 2) * 2, longestWaitMs);
    const waitMs = isConfiguration ? configurationWaitMs : doubled;
    if (this.#refusal === undefined) {
      this.#log.warn({ hypervisor: this.name, problem: messageOf(error), waitMs }, "a hypervisor cannot be reached");
    }
    const untilMonoMs = this.#clock.now().monoMs + waitMs;
    this.#refusal = { error: error instanceof Error ? error : new Error(String(error)), waitMs, untilMonoMs };
  }
}

function unlessAborted<T>(work: Promise<T>, name: string, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(new ConnectionError(`connecting to ${name}: ${messageOf(signal.reason)}`));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
