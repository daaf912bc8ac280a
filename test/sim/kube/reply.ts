import type { ServerResponse } from "node:http";
import type { Answer } from "./api.ts";
import type { LogEntry } from "./request-log.ts";

/**
 * One response, and what the virtual clock wants to know of it: how many bytes of body were sent, and whether the
 * server means to say nothing more until something happens (`isQuiet`).
 */
export class Reply {
  readonly instance: string;
  readonly #response: ServerResponse;
  readonly #entry: LogEntry | undefined;
  #isSilenced = false;
  bytesSent = 0;
  isQuiet = false;

  constructor(response: ServerResponse, instance: string, entry?: LogEntry) {
    this.#response = response;
    this.instance = instance;
    this.#entry = entry;
  }

  /** Nothing will be sent any more, by a fault or because the instance was killed. */
  get isSilenced(): boolean {
    return this.#isSilenced;
  }

  send(answer: Answer): void {
    if (this.#isSilenced) return;
    const isText = typeof answer.body === "string";
    const text = isText ? (answer.body as string) : JSON.stringify(answer.body);
    if (this.#entry !== undefined) this.#entry.status = answer.code;
    this.bytesSent += Buffer.byteLength(text);
    this.#response.writeHead(answer.code, {
      "Content-Type": isText ? "text/plain; charset=utf-8" : "application/json",
      "Content-Length": Buffer.byteLength(text),
      ...answer.headers,
    });
    this.#response.end(text);
  }

  /** Headers of a watch; from here on only its lines are awaited. */
  open(): void {
    if (this.#isSilenced) return;
    if (this.#entry !== undefined) this.#entry.status = 200;
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
