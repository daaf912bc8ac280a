import type { Duplex } from "node:stream";
import { type Clock, type MonoMs, messageOf } from "../../../../src/plugin-api/index.ts";
import { ConnectionError, errorNumbers, isAnswer, LibvirtError, NoAnswerError, WireError } from "./errors.ts";
import { encodePacket, type Packet, PacketReader, packetStatus, packetTypes, programs } from "./packet.ts";
import { type LifecycleEvent, type Procedure, procedures, readErrorHead, readLifecycle } from "./procedures.ts";
import { XdrReader } from "./xdr.ts";

/** Calls that may wait for their answers at once. The daemon works on five of one client by itself. */
const maxInFlight = 128;
/** Calls given up on, whose answers never came: from here on the daemon keeps no promise on this connection. */
const maxAbandoned = 3;
const pingEveryMs = 5_000;
/** Silence after which the connection counts as dead. */
const silenceMs = 15_000;
const closeTimeoutMs = 1_000;
const registerTimeoutMs = 5_000;
const ping = 1;
const pong = 2;
const noPayload = Buffer.alloc(0);

/** What one call is about and how long it may take. */
export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The object of the call, for messages, as `node-0`. */
  readonly on: string;
}

interface Waiting {
  readonly what: string;
  readonly answer: (packet: Packet) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * libvirt's remote protocol over one stream: several calls in flight, pings while it lives. When the stream ends all
 * calls fail and the connection is of no use any more; whoever owns it makes another one.
 */
export class Connection {
  /** The connection's URI without secrets, for messages. */
  readonly name: string;
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #packets = new PacketReader();
  readonly #waiting = new Map<number, Waiting>();
  readonly #abandoned = new Set<number>();
  readonly #listeners = new Set<(event: LifecycleEvent) => void>();
  readonly #life = new AbortController();
  #registration: Promise<void> | undefined;
  #lastSerial = 0;
  #heardAtMs: MonoMs;

  constructor(stream: Duplex, name: string, clock: Clock) {
    this.#stream = stream;
    this.name = name;
    this.#clock = clock;
    this.#heardAtMs = clock.now().monoMs;
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("error", (error: Error) => this.#end(this.#lost(error.message)));
    stream.on("close", () => this.#end(this.#lost("closed by the other side")));
    stream.on("end", () => this.#end(this.#lost("closed by the other side")));
    void this.#stayAlive();
  }

  /** Aborts when the connection has ended; the reason is a ConnectionError or a WireError. */
  get ended(): AbortSignal {
    return this.#life.signal;
  }

  /** To be told of the events that the daemon was asked for. @returns a function that ends listening */
  onLifecycle(listener: (event: LifecycleEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Asks the daemon for lifecycle events, once for as long as the connection lasts: it refuses a second time, and whoever
   * listens next is served by the first.
   *
   * @throws what call throws
   */
  askForLifecycles(): Promise<void> {
    this.#registration ??= this.#register().catch((error: unknown) => {
      this.#registration = undefined;
      throw error;
    });
    return this.#registration;
  }

  /**
   * Calls a procedure once; nothing is ever sent again.
   *
   * @throws LibvirtError when libvirt says no; NoAnswerError when no answer came in time, the signal aborted or the
   *   connection ended after the call was sent; ConnectionError when it was not sent
   */
  async call<Args extends readonly unknown[], Answer>(
    procedure: Procedure<Args, Answer>,
    args: Args,
    options: CallOptions,
  ): Promise<Answer> {
    const what = `${procedure.name} ${options.on}`.trimEnd();
    const full = `${what} (${this.name})`;
    if (options.signal.aborted) throw new ConnectionError(`${full}: not sent: ${messageOf(options.signal.reason)}`);
    if (this.ended.aborted) throw new ConnectionError(`${full}: not sent: ${messageOf(this.ended.reason)}`);
    if (this.#waiting.size >= maxInFlight) throw new ConnectionError(`${full}: ${maxInFlight} calls wait already`);
    using deadline = this.#clock.deadline(options.timeoutMs, options.signal);
    const packet = await this.#exchange(procedure.number, procedure.encode(...args), full, deadline.signal);
    const reader = new XdrReader(packet.payload);
    try {
      if (packet.status === packetStatus.ok) return procedure.decode(reader);
      const { number, area, words } = readErrorHead(reader);
      throw new LibvirtError(full, number, area, words);
    } catch (error) {
      if (error instanceof WireError) this.#end(error);
      throw error;
    }
  }

  /** Says good-bye if the daemon listens, and ends. */
  async close(): Promise<void> {
    const options = { timeoutMs: closeTimeoutMs, signal: this.ended, on: "" };
    await this.call(procedures.close, [], options).catch(() => {});
    this.abandon("closed by us");
  }

  /** Ends at once. */
  abandon(reason: string): void {
    this.#end(this.#lost(reason));
  }

  async #register(): Promise<void> {
    try {
      const options = { timeoutMs: registerTimeoutMs, signal: this.ended, on: "" };
      await this.call(procedures.registerLifecycle, [], options);
    } catch (error) {
      // so it says when the first answer came too late for us
      if (!isAnswer(error, errorNumbers.invalidArgument)) throw error;
    }
  }

  #exchange(procedure: number, payload: Buffer, what: string, signal: AbortSignal): Promise<Packet> {
    // Serial numbers are 32-bit; at a thousand calls a second they last for weeks, and the daemon only echoes them.
    this.#lastSerial = (this.#lastSerial + 1) >>> 0;
    const serial = this.#lastSerial;
    const { call: type } = packetTypes;
    const bytes = encodePacket({ program: programs.remote, procedure, type, serial, status: packetStatus.ok, payload });
    return new Promise<Packet>((resolve, reject) => {
      const onAbort = () => {
        this.#giveUp(serial);
        reject(new NoAnswerError(`${what}: no answer: ${messageOf(signal.reason)}`));
      };
      const settle = () => {
        signal.removeEventListener("abort", onAbort);
        this.#waiting.delete(serial);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(serial, {
        what,
        answer: (packet) => {
          settle();
          resolve(packet);
        },
        fail: (error) => {
          settle();
          reject(new NoAnswerError(`${what}: no answer: ${messageOf(error)}`, { cause: error }));
        },
      });
      this.#stream.write(bytes);
    });
  }

  #giveUp(serial: number): void {
    this.#waiting.delete(serial);
    this.#abandoned.add(serial);
    if (this.#abandoned.size > maxAbandoned) {
      this.abandon(`${this.#abandoned.size} calls were never answered`);
    }
  }

  #take(chunk: Buffer): void {
    this.#heardAtMs = this.#clock.now().monoMs;
    try {
      for (const packet of this.#packets.push(chunk)) this.#handle(packet);
    } catch (error) {
      this.#end(error instanceof WireError ? error : this.#lost(messageOf(error)));
    }
  }

  #handle(packet: Packet): void {
    const { program, procedure, type } = packet;
    if (program === programs.keepalive) {
      if (procedure === ping) this.#keepalive(pong);
    } else if (program !== programs.remote) throw new WireError(`program 0x${program.toString(16)}`);
    else if (type === packetTypes.message) this.#tell(packet);
    else if (type === packetTypes.reply) this.#answer(packet);
    else throw new WireError(`a packet of type ${type}`);
  }

  #answer(packet: Packet): void {
    const waiting = this.#waiting.get(packet.serial);
    if (waiting !== undefined) waiting.answer(packet);
    else if (!this.#abandoned.delete(packet.serial)) {
      throw new WireError(`an answer to call ${packet.serial}, which was never made`);
    }
  }

  #tell(packet: Packet): void {
    const event = readLifecycle(packet.procedure, new XdrReader(packet.payload));
    if (event !== undefined) for (const listener of this.#listeners) listener(event);
  }

  #keepalive(procedure: number): void {
    const head = { program: programs.keepalive, procedure, type: packetTypes.message, serial: 0, status: 0 };
    this.#stream.write(encodePacket({ ...head, payload: noPayload }));
  }

  /** Pings a silent daemon and ends the connection when it stays silent. Never rejects: the connection's end ends it. */
  async #stayAlive(): Promise<void> {
    while (!this.ended.aborted) {
      await this.#clock.sleep(pingEveryMs, this.ended).catch(() => {});
      if (this.ended.aborted) return;
      const silentMs = this.#clock.now().monoMs - this.#heardAtMs;
      if (silentMs >= silenceMs) return this.abandon(`nothing heard for ${Math.round(silentMs / 1000)} s`);
      if (silentMs >= pingEveryMs / 2) this.#keepalive(ping);
    }
  }

  #lost(reason: string): ConnectionError {
    return new ConnectionError(`connection to ${this.name}: ${reason}`);
  }

  #end(error: Error): void {
    if (this.ended.aborted) return;
    this.#life.abort(error);
    this.#stream.destroy();
    for (const waiting of [...this.#waiting.values()]) waiting.fail(error);
    this.#listeners.clear();
  }
}
