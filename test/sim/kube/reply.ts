import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Answer } from "./api.ts";
import type { LogEntry } from "./request-log.ts";

/** Bodies above 128 KiB are compressed for those who ask, as the real server does. */
const gzipFromBytes = 128 * 1024;

/**
 * One response, and what the virtual clock wants to know of it: how many bytes of body were sent, and whether the
 * server means to say nothing more until something happens (`isQuiet`).
 */
export class Reply {
  readonly instance: string;
  readonly #response: ServerResponse;
  readonly #entry: LogEntry;
  readonly #mayGzip: boolean;
  #isSilenced = false;
  bytesSent = 0;
  isQuiet = false;

  constructor(response: ServerResponse, about: { instance: string; entry: LogEntry; mayGzip: boolean }) {
    this.#response = response;
    this.instance = about.instance;
    this.#entry = about.entry;
    this.#mayGzip = about.mayGzip;
  }

  /** Nothing will be sent any more, by a fault or because the instance was killed. */
  get isSilenced(): boolean {
    return this.#isSilenced;
  }

  send(answer: Answer): void {
    if (this.#isSilenced) return;
    const isText = typeof answer.body === "string";
    const plain = Buffer.from(isText ? (answer.body as string) : JSON.stringify(answer.body));
    const isZipped = this.#mayGzip && plain.length > gzipFromBytes;
    const sent = isZipped ? gzipSync(plain, { level: 1 }) : plain;
    this.#entry.status = answer.code;
    this.bytesSent += sent.length;
    this.#response.writeHead(answer.code, {
      "Content-Type": isText ? "text/plain; charset=utf-8" : "application/json",
      "Content-Length": sent.length,
      ...(isZipped ? { "Content-Encoding": "gzip" } : {}),
      ...answer.headers,
    });
    this.#response.end(sent);
  }

  /** Headers of a watch; from here on only its lines are awaited. */
  open(): void {
    if (this.#isSilenced) return;
    this.#entry.status = 200;
    this.#response.writeHead(200, { "Content-Type": "application/json" });
    this.#response.flushHeaders();
    this.isQuiet = true;
  }

  write(text: string): void {
    if (this.#isSilenced || this.#response.destroyed) return;
    this.bytesSent += Buffer.byteLength(text);
    this.#response.write(text);
  }

  end(): void {
    if (this.#isSilenced) return;
    this.isQuiet = false;
    this.#response.end();
  }

  reset(): void {
    if (this.#isSilenced) return;
    this.isQuiet = false;
    this.#response.socket?.resetAndDestroy();
  }

  /** Not a byte from now on; the socket stays open. */
  silence(): void {
    this.#isSilenced = true;
    this.isQuiet = true;
  }
}
