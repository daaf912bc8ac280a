/** One event of a text/event-stream. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** More than any honest event: a stream that never ends a line must not fill the memory. */
const mostChars = 32 * 2 ** 20;

/**
 * Reads events out of the pieces of a text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * Comments, which servers send so that a line stays open, and fields that nobody here needs are dropped.
 */
export class EventStreamReader {
  #rest = "";
  #name = "";
  #data: string[] = [];

  /** @returns the events that this piece completes @throws Error when a line grows beyond all reason */
  push(piece: string): StreamEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > mostChars) throw new Error("a line of the stream has no end");
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  #take(line: string): StreamEvent | undefined {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    return undefined;
  }

  #finish(): StreamEvent | undefined {
    const event = { name: this.#name || "message", data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#name = "";
    this.#data = [];
    return isEmpty ? undefined : event;
  }
}
