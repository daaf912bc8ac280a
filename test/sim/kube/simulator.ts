import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../src/ports/clock.ts";
import { bodyText } from "../request-body.ts";
import { type Answer, type ApiContext, answer, refusal } from "./api.ts";
import { ApiError, unauthorized } from "./api-error.ts";
import { Faults } from "./faults.ts";
import { callHeader, instanceOf, tokenOf } from "./instance.ts";
import { Listener } from "./listener.ts";
import { Lists } from "./lists.ts";
import type { Fields } from "./object.ts";
import { People } from "./people.ts";
import { Reply } from "./reply.ts";
import { type ApiRequest, parseRequest } from "./request.ts";
import { RequestLog } from "./request-log.ts";
import { type Serving, serve } from "./serve.ts";
import { Store } from "./store.ts";
import { type CutHow, Watches } from "./watches.ts";
import { WriteCounter } from "./write-counter.ts";

export interface KubeSimulatorOptions {
  readonly clock: Clock;
  /** How many addresses it has; 1 unless given. */
  readonly servers?: number;
  readonly gitVersion?: string;
  readonly isAllowed?: (attributes: Fields) => boolean;
  readonly namespaces?: readonly string[];
  /** Writes that a crash matrix counts. Unless given: all but Leases, Events and ObserverReports. */
  readonly countsAsWrite?: (request: ApiRequest) => boolean;
  /** Changes kept for watches, per kind. */
  readonly historyLimit?: number;
}

/** An API server in this process: real HTTP on 127.0.0.1, one store, faults on command. See README.md beside it. */
export class KubeSimulator {
  readonly clock: Clock;
  readonly store: Store;
  readonly faults = new Faults();
  readonly log = new RequestLog();
  /** Who may show which token. */
  readonly people = new People();
  readonly writes: WriteCounter;
  readonly listeners: readonly Listener[];
  /** What was thrown inside the simulator: its own bugs, answered with 500. */
  readonly bugs: unknown[] = [];
  readonly #context: ApiContext;
  readonly #lists: Lists;
  readonly #watches: Watches;
  readonly #calls = new Map<string, Reply>();
  readonly #replies = new Set<Reply>();
  readonly #killed = new Set<string>();
  readonly #revokedTokens = new Set<string>();
  readonly #killListeners = new Set<(instance: string) => void>();

  constructor(options: KubeSimulatorOptions) {
    this.clock = options.clock;
    this.store = new Store(options.clock, options.historyLimit);
    this.#lists = new Lists(this.store);
    this.#watches = new Watches(this.store, options.clock);
    this.writes = new WriteCounter(options.countsAsWrite);
    this.#context = {
      store: this.store,
      lists: this.#lists,
      clock: options.clock,
      gitVersion: options.gitVersion ?? "v1.36.3",
      isAllowed: options.isAllowed ?? (() => true),
      people: this.people,
    };
    const basics = ["default", "kube-system", "kube-public", "kube-node-lease", "aceso-system", "aceso"];
    for (const name of [...basics, ...(options.namespaces ?? [])]) this.store.put("namespaces", { metadata: { name } });
    this.listeners = Array.from({ length: options.servers ?? 1 }, () => this.#newListener());
  }

  async start(): Promise<void> {
    for (const listener of this.listeners) await listener.start();
  }

  async stop(): Promise<void> {
    this.#watches.stop();
    for (const listener of this.listeners) await listener.stop();
  }

  /** Address of the first server. */
  get url(): string {
    return this.listeners[0]?.url ?? "";
  }

  get urls(): string[] {
    return this.listeners.map((listener) => listener.url);
  }

  /** A kubeconfig (JSON is YAML) with which a client is known as this instance. */
  kubeconfig(instance: string, server = this.url): string {
    const named = { name: "simulated" };
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": named.name,
      clusters: [{ ...named, cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ ...named, user: { token: `${instance}.1` } }],
      contexts: [{ ...named, context: { cluster: named.name, user: named.name } }],
    });
  }

  /** A call without a socket, for fixtures and hollow kubelets in this process. No faults, not logged. */
  call(method: string, path: string, body?: Fields, contentType = "application/json"): Answer {
    return answer(this.#context, parseRequest({ method, url: path, contentType, instance: "in-process" }, body));
  }

  /** From this byte on the instance hears nothing more, on any socket, and nothing it sends is applied. */
  kill(instance: string): void {
    this.#killed.add(instance);
    this.#watches.silence((one) => one === instance);
    for (const reply of this.#replies) if (reply.instance === instance) reply.silence();
    for (const listener of [...this.#killListeners]) listener(instance);
  }

  isKilled(instance: string): boolean {
    return this.#killed.has(instance);
  }

  /** A new process under the same name is heard again; what was open stays silent. */
  revive(instance: string): void {
    this.#killed.delete(instance);
  }

  /** Calls back when an instance was killed, by `kill` or by a fault, so that its signal can be aborted. */
  onKill(listener: (instance: string) => void): () => void {
    this.#killListeners.add(listener);
    return () => this.#killListeners.delete(listener);
  }

  /** The token answers 401 from now on (rotation: `a.1` → `a.2`). */
  revokeToken(token: string): void {
    this.#revokedTokens.add(token);
  }

  /** Does something to the watches that are open now. Returns to how many. */
  cutWatches(how: CutHow, match: { instance?: string; plural?: string } = {}): number {
    return this.#watches.cut(how, match);
  }

  /** How many watches are open, of one kind or of all. */
  openWatches(plural?: string): number {
    return this.#watches.count(plural);
  }

  /** History is forgotten: watches and pages of earlier revisions are answered with 410. */
  compact(): void {
    this.store.compact();
    this.#lists.expire();
  }

  /** What the server has sent to a numbered call so far; undefined before it arrived and after it was over. */
  progressOf(call: string): { readonly bytesSent: number; readonly isQuiet: boolean } | undefined {
    return this.#calls.get(call);
  }

  #newListener(): Listener {
    const listener: Listener = new Listener((request, response) => {
      this.#handle(listener, request, response).catch((error: unknown) => this.#onBug(error, response));
    });
    return listener;
  }

  async #handle(listener: Listener, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // Its clock is the simulator's, not the machine's.
    response.setHeader("Date", new Date(this.clock.now().wallMs).toUTCString());
    const instance = instanceOf(incoming.headers);
    const body = await readBody(incoming).catch(() => aborted);
    if (body === aborted) return;
    const { method = "GET", url = "/" } = incoming;
    const contentType = (incoming.headers["content-type"] ?? "").split(";")[0] ?? "";
    const request = parseRequest({ method, url, contentType, instance }, body);
    const entry = this.log.begin(request, this.clock.now().monoMs);
    const mayGzip = /\bgzip\b/.test(String(incoming.headers["accept-encoding"] ?? ""));
    const reply = new Reply(response, { instance, entry, mayGzip });
    const closed = this.#follow(reply, response, incoming.headers[callHeader]);
    if (listener.isSilent || this.#killed.has(instance)) return reply.silence();
    if (this.#revokedTokens.has(tokenOf(incoming.headers) ?? "")) return reply.send(refusal(unauthorized()));
    try {
      this.people.requireRight(tokenOf(incoming.headers), request);
    } catch (error) {
      if (error instanceof ApiError) return reply.send(refusal(error));
      throw error;
    }
    await serve(this.#serving(), this.writes.number(request), reply, closed);
  }

  #onBug(error: unknown, response: ServerResponse): void {
    this.bugs.push(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { "Content-Type": "text/plain" }).end(`bug of the simulator: ${error}`);
  }

  #serving(): Serving {
    return {
      clock: this.clock,
      faults: this.faults,
      watches: this.#watches,
      writes: this.writes,
      answer: (request) => answer(this.#context, request),
      kill: (instance) => this.kill(instance),
    };
  }

  /** Keeps the reply where `kill` and `progressOf` find it, until its response is closed. */
  #follow(reply: Reply, response: ServerResponse, call: string | string[] | undefined): AbortSignal {
    const closed = new AbortController();
    this.#replies.add(reply);
    if (typeof call === "string") this.#calls.set(call, reply);
    response.once("close", () => {
      this.#replies.delete(reply);
      if (typeof call === "string") this.#calls.delete(call);
      closed.abort(responseClosed);
    });
    return closed.signal;
  }
}

/** One for all: an Error notes its stack, and there is a close for every call. */
const responseClosed = new Error("response closed");

/** The client went away before it had sent everything. */
const aborted: Fields = {};

/** Undefined when there is none, or it is no JSON object. @throws Error when the client goes away */
async function readBody(incoming: IncomingMessage): Promise<Fields | undefined> {
  const text = await bodyText(incoming);
  try {
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
