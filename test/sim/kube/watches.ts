import type { Clock } from "../../../src/ports/clock.ts";
import type { Reply } from "./reply.ts";
import type { Store } from "./store.ts";
import { type WatchRequest, WatchStream } from "./watch.ts";

/**
 * What may happen to an open watch: a destroyed socket, a clean end, a clean end in the middle of a line, a line that is
 * no JSON (and on it goes), the ERROR event 410, or silence with the socket open.
 */
export type CutHow = "reset" | "end" | "half-line" | "garbage" | "expire" | "silence";

interface OpenWatch {
  readonly stream: WatchStream;
  readonly reply: Reply;
}

/** The watches that are open. */
export class Watches {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #open = new Set<OpenWatch>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws ApiError 400 for a selector that is not understood */
  open(
    request: WatchRequest,
    reply: Reply,
    closed: AbortSignal,
    mode: "normal" | "silent" | "expired" = "normal",
  ): void {
    const stream = new WatchStream(this.#store, this.#clock, request, reply);
    const one: OpenWatch = { stream, reply };
    this.#open.add(one);
    closed.addEventListener("abort", () => {
      stream.stop();
      this.#open.delete(one);
    });
    reply.open();
    if (mode === "expired") stream.expire();
    else if (mode === "silent") reply.silence();
    else stream.start();
  }

  count(plural?: string): number {
    return [...this.#open].filter(({ stream }) => plural === undefined || stream.request.kind.plural === plural).length;
  }

  silence(isMeant: (instance: string) => boolean): void {
    for (const { stream, reply } of this.#open) {
      if (!isMeant(reply.instance)) continue;
      stream.stop();
      reply.silence();
    }
  }

  cut(how: CutHow, match: { instance?: string; plural?: string }): number {
    const meant = [...this.#open].filter(
      ({ stream, reply }) =>
        (match.instance ?? reply.instance) === reply.instance &&
        (match.plural ?? stream.request.kind.plural) === stream.request.kind.plural,
    );
    for (const one of meant) cutOne(how, one);
    return meant.length;
  }

  stop(): void {
    for (const { stream } of this.#open) stream.stop();
  }
}

function cutOne(how: CutHow, { stream, reply }: OpenWatch): void {
  switch (how) {
    case "garbage":
      reply.write("{not json}\n");
      break;
    case "expire":
      stream.expire();
      break;
    case "half-line":
      reply.write('{"type":"MODIFIED","object":{"kind":"No');
      stream.end();
      break;
    case "end":
      stream.end();
      break;
    case "reset":
      stream.stop();
      reply.reset();
      break;
    case "silence":
      stream.stop();
      reply.silence();
  }
}
