import type { Clock } from "../../../src/ports/clock.ts";
import { expired } from "./api-error.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import type { Fields, KubeObject } from "./object.ts";
import { isTrue } from "./request.ts";
import { type Filter, filterOf } from "./selectors.ts";
import type { Store, StoreEvent } from "./store.ts";

const bookmarkMs = 60_000;
const lastBookmarkBeforeMs = 2_000;
const defaultTimeoutSeconds = 2_700;

/** Where a watch writes: one chunked response. */
export interface WatchSink {
  /** @param text whole lines */
  write(text: string): void;
  end(): void;
}

export interface WatchRequest {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
}

/** One open watch: JSON lines from a revision on, bookmarks, an end after timeoutSeconds. */
export class WatchStream {
  readonly request: WatchRequest;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #sink: WatchSink;
  readonly #matches: Filter;
  readonly #stop = new AbortController();
  #from = 0;

  /** @throws ApiError 400 for a selector that is not understood */
  constructor(store: Store, clock: Clock, request: WatchRequest, sink: WatchSink) {
    this.#store = store;
    this.#clock = clock;
    this.request = request;
    this.#sink = sink;
    const matches = filterOf(request.kind, request.query);
    this.#matches = (object) =>
      (request.namespace === undefined || object.metadata.namespace === request.namespace) &&
      (request.name === undefined || object.metadata.name === request.name) &&
      matches(object);
  }

  /** Sends what there is, follows the store, and ends by itself after timeoutSeconds. */
  start(): void {
    const { kind, query } = this.request;
    const asked = query.get("resourceVersion") ?? "";
    if (asked === "" || asked === "0" || isTrue(query.get("sendInitialEvents"))) this.#sendAll();
    else {
      this.#from = Number(asked);
      const missed = this.#store.since(kind.plural, this.#from);
      if (missed === undefined) {
        this.expire();
        return;
      }
      for (const event of missed) this.#send(event);
    }
    const unsubscribe = this.#store.onChange((event) => this.#send(event));
    this.#stop.signal.addEventListener("abort", unsubscribe, { once: true });
    void this.#keepTime().catch(() => undefined);
  }

  /** Sends the ERROR event of a version that is no longer kept, and ends. */
  expire(): void {
    const asked = this.request.query.get("resourceVersion") ?? "0";
    this.#line("ERROR", expired(`too old resource version: ${asked} (${this.#store.revision})`).toStatus());
    this.end();
  }

  /** The clean end of a watch. */
  end(): void {
    if (this.#stop.signal.aborted) return;
    this.stop();
    this.#sink.end();
  }

  /** Sends nothing more; the response stays as it is. */
  stop(): void {
    this.#stop.abort(new Error("watch stopped"));
  }

  #sendAll(): void {
    const { kind, query } = this.request;
    this.#from = this.#store.revision;
    for (const object of this.#store.list(kind.plural)) if (this.#matches(object)) this.#line("ADDED", object);
    if (query.get("resourceVersion") !== "0") this.#bookmark({ "k8s.io/initial-events-end": "true" });
  }

  #send(event: StoreEvent): void {
    if (event.plural !== this.request.kind.plural || event.revision <= this.#from) return;
    const isIn = event.type !== "DELETED" && this.#matches(event.object);
    const wasIn = event.previous !== undefined && this.#matches(event.previous);
    if (isIn) this.#line(wasIn ? "MODIFIED" : "ADDED", event.object);
    else if (wasIn) this.#line("DELETED", event.object);
  }

  async #keepTime(): Promise<void> {
    const signal = this.#stop.signal;
    let leftMs = Number(this.request.query.get("timeoutSeconds") ?? defaultTimeoutSeconds) * 1000;
    while (leftMs > lastBookmarkBeforeMs) {
      const stepMs = Math.min(bookmarkMs, leftMs - lastBookmarkBeforeMs);
      await this.#clock.sleep(stepMs, signal);
      leftMs -= stepMs;
      this.#bookmark();
    }
    await this.#clock.sleep(leftMs, signal);
    this.end();
  }

  #bookmark(annotations?: Record<string, string>): void {
    if (!isTrue(this.request.query.get("allowWatchBookmarks"))) return;
    // A watch from the future gets no bookmark either: its revision has not come yet.
    if (this.#store.revision < this.#from) return;
    const { kind } = this.request;
    const metadata = {
      resourceVersion: String(this.#store.revision),
      creationTimestamp: null,
      ...(annotations && { annotations }),
    };
    this.#line("BOOKMARK", { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata });
  }

  #line(type: string, object: KubeObject | Fields): void {
    if (!this.#stop.signal.aborted) this.#sink.write(`${JSON.stringify({ type, object })}\n`);
  }
}
