import type { WardDone, WardNode, WardNodes, WardPerson, WardWish } from "../http/ward.ts";
import { EventStreamReader, type StreamEvent } from "./event-stream.ts";
import type { PageClock } from "./page-clock.ts";

/** What the server refused, in words for people. */
export class Refusal extends Error {
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a signed-in person may ask; `release` ends a hold that waits for a person. `node` undefined: the whole cluster. */
export interface Wish {
  readonly kind: "pause" | "resume" | "repair" | "release";
  readonly node: string | undefined;
  readonly reason: string | undefined;
  /** Of a pause: a duration; undefined: until somebody resumes. */
  readonly for?: string | undefined;
}

/** A line that carries nothing for so long is taken for dead; the server breathes more often. */
const breathMs = 30_000;
const answerMs = 15_000;

/** The server that this page came from. The token of the signed-in person lives here and nowhere else. */
export class Server {
  readonly #clock: PageClock;
  #token: string | undefined;

  constructor(clock: PageClock) {
    this.#clock = clock;
  }

  get isSignedIn(): boolean {
    return this.#token !== undefined;
  }

  /** Keeps the token if Kubernetes accepts it. @returns its owner @throws Refusal, or TypeError when nobody answers */
  async signIn(token: string): Promise<WardPerson> {
    const before = this.#token;
    this.#token = token;
    try {
      return await this.#ask<WardPerson>("api/v1/me");
    } catch (error) {
      this.#token = before;
      throw error;
    }
  }

  signOut(): void {
    this.#token = undefined;
  }

  /** Any nodes by name, the well ones too. @throws Refusal, or TypeError when nobody answers */
  nodes(search: string, limit: number): Promise<WardNodes> {
    const query = new URLSearchParams({ search, limit: String(limit) });
    return this.#ask<WardNodes>(`api/v1/nodes?${query}`);
  }

  /** What is known of one node. @throws as `nodes` */
  node(name: string): Promise<WardNode> {
    return this.#ask<WardNode>(`api/v1/nodes/${encodeURIComponent(name)}`);
  }

  /** @returns what was done, in a sentence @throws Refusal when it may or can not be, TypeError when nobody answers */
  async wish({ kind, node, reason, for: span }: Wish): Promise<WardDone> {
    const act = kind === "release" ? "repair" : kind;
    const path = node === undefined ? `api/v1/${act}` : `api/v1/nodes/${encodeURIComponent(node)}/${act}`;
    const body: WardWish = {
      ...(reason !== undefined && { reason }),
      ...(span !== undefined && { for: span }),
      ...(kind === "release" && { releaseHold: true }),
    };
    return this.#ask<WardDone>(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-aceso-request": "1" },
      body: JSON.stringify(body),
    });
  }

  /**
   * Reads the stream of wards until the server ends it.
   *
   * @param onEvents called with each piece that arrives, often without an event in it: a sign of life
   * @throws Refusal, TypeError, or the reason of an abort
   */
  async follow(onEvents: (events: readonly StreamEvent[]) => void, signal: AbortSignal): Promise<void> {
    const dead = new AbortController();
    let stopWaiting = () => {};
    const breathe = () => {
      stopWaiting();
      stopWaiting = this.#clock.after(breathMs, () => dead.abort(new Error("the server has gone silent")));
    };
    try {
      breathe();
      const init = { headers: { accept: "text/event-stream" }, signal: AbortSignal.any([signal, dead.signal]) };
      const response = await this.#fetch("api/v1/ward/stream", init);
      if (response.body === null) throw new Error("the server sent an empty answer");
      const events = new EventStreamReader();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        breathe();
        onEvents(events.push(piece.value));
      }
    } finally {
      stopWaiting();
    }
  }

  async #ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const late = new AbortController();
    const stop = this.#clock.after(answerMs, () => late.abort(new Error("the server did not answer in time")));
    try {
      const response = await this.#fetch(path, { ...init, signal: late.signal });
      // the server is ours: its answers are described in src/http/ward.ts
      return (await response.json()) as T;
    } finally {
      stop();
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    const response = await fetch(path, { ...init, headers, cache: "no-store", credentials: "omit", redirect: "error" });
    if (response.ok) return response;
    throw new Refusal(response.status, await refusalText(response));
  }
}

/** The server's own words, cut: they are shown as they are. */
async function refusalText(response: Response): Promise<string> {
  const text = (await response.text().catch(() => "")).slice(0, 2_000).trim();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string" && message !== "") return message;
  } catch {
    // not JSON: plain words, then
  }
  return text === "" ? `the server answered ${response.status}` : text;
}
