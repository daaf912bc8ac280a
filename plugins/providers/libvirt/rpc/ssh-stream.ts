import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";

/** What a program on the other side may say on its way out. */
const maxWords = 500;

/**
 * One channel as a stream: when either ends, so does the whole ssh connection beneath. To be made in the very callback
 * that brings the channel, before it has anything to say.
 */
export class SshStream extends Duplex {
  readonly #channel: ClientChannel;
  readonly #socket: Socket;
  readonly #before: string;
  #words = "";

  /** @param before what has been tried before, for the message about a program that ended */
  constructor(client: Client, socket: Socket, channel: ClientChannel, before: string) {
    super();
    this.#before = before;
    this.#channel = channel;
    this.#socket = socket;
    channel.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.stderr.on("data", (chunk: Buffer) => {
      this.#words = `${this.#words}${chunk.toString()}`.slice(0, maxWords);
    });
    channel.on("close", (code?: number | null, signal?: string) => this.destroy(this.#farewell(code, signal)));
    // as a write after its end, which the next event explains
    channel.on("error", () => {});
    client.on("error", (error) => this.destroy(error));
    client.on("close", () => this.destroy());
    // it may end before anybody listens
    this.on("error", () => {});
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // what cannot be written any more is told of by the channel's end
    this.#channel.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Not with a good-bye: where nobody answers any more it would never be over.
    this.#socket.destroy();
    done(error);
  }

  /** A program has an exit code; a forwarded socket has none. */
  #farewell(code: number | null | undefined, signal: string | undefined): Error | undefined {
    if (code === 0 || code === undefined) return undefined;
    const words = this.#words.trim().replace(/\s+/g, " ") || "no message";
    return new Error(`${this.#before}the program on the other side ended with ${code ?? signal}: ${words}`);
  }
}
