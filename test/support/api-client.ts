import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { createInterface } from "node:readline";
import { systemClock } from "../../src/app/clock.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ApiAccess } from "./kubeconfig.ts";

/** A JSON object of the API, as it arrives. Tests read it as they please. */
// biome-ignore lint/suspicious/noExplicitAny: what the server sent, read by assertions
export type ApiObject = any;

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON, or text where it is none. */
  readonly body: ApiObject;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface CallOptions {
  readonly contentType?: string;
  /** Milliseconds, 10 s where nothing is said. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ApiClientOptions {
  readonly clock?: Clock;
  /** Called with 1 when a call begins and with -1 when its answer was read, for a virtual clock that waits for calls. */
  readonly onInFlight?: (change: 1 | -1) => void;
}

export const mergePatch = "application/merge-patch+json";

/** The test suite's own view of the API: kept-alive connections, moves to the next server when one does not answer. */
export class ApiClient {
  readonly #access: ApiAccess;
  readonly #clock: Clock;
  readonly #onInFlight: (change: 1 | -1) => void;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  #current = 0;

  constructor(access: ApiAccess, options: ApiClientOptions = {}) {
    this.#access = access;
    this.#clock = options.clock ?? systemClock;
    this.#onInFlight = options.onInFlight ?? (() => {});
    const { ca, cert, key } = access;
    this.#agents = {
      http: new HttpAgent({ keepAlive: true }),
      https: new HttpsAgent({ keepAlive: true, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }),
    };
  }

  /**
   * Sends one request and reads its answer, whatever the status.
   *
   * @throws Error when no server answered; the signal's reason or TimeoutError when time was over
   */
  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<ApiAnswer> {
    using deadline = this.#clock.deadline(options.timeoutMs ?? 10_000, options.signal);
    this.#onInFlight(1);
    try {
      return await this.#tryServers(async (server) => {
        const response = await this.#send(server, method, path, body, options.contentType, deadline.signal);
        const text = await readAll(response);
        return { status: response.statusCode ?? 0, body: parseBody(text), headers: response.headers };
      }, deadline.signal);
    } finally {
      this.#onInFlight(-1);
    }
  }

  /** The body of an answer below 300. @throws Error with status and message of any other */
  async must(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<ApiObject> {
    const answer = await this.call(method, path, body, options);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.body?.message ?? String(answer.body)}`);
  }

  get(path: string): Promise<ApiObject> {
    return this.must("GET", path);
  }

  /** JSON merge patch (RFC 7386). */
  patch(path: string, body: unknown, options: CallOptions = {}): Promise<ApiObject> {
    return this.must("PATCH", path, body, { contentType: mergePatch, ...options });
  }

  /**
   * The lines of a watch as parsed objects; ends when the server ends it.
   *
   * @throws the signal's reason when it aborts; Error when the connection breaks
   */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<{ type: string; object: ApiObject }> {
    const response = await this.#tryServers(async (server) => {
      const opened = await this.#send(server, "GET", path, undefined, undefined, signal);
      if (opened.statusCode === 200) return opened;
      throw new WatchRefused(opened.statusCode ?? 0, await readAll(opened));
    }, signal);
    const broken = new Promise<never>((_, reject) => response.once("error", reject));
    broken.catch(() => {});
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (line !== "") yield JSON.parse(line);
      }
      if (!response.complete) await broken;
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #tryServers<T>(attempt: (server: URL) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { servers } = this.#access;
    for (let tried = 0; ; tried += 1) {
      const index = this.#current % servers.length;
      try {
        return await attempt(new URL(servers[index] ?? ""));
      } catch (error) {
        if (signal.aborted) {
          // a server that takes connections and never answers is left as well
          if (isTimeout(signal.reason) && this.#current % servers.length === index) this.#current = index + 1;
          throw signal.reason;
        }
        if (error instanceof WatchRefused || tried >= servers.length) throw error;
        // a kept-alive connection that the server has closed looks like a dead server: one more try than there are servers
        if (this.#current % servers.length === index && tried > 0) this.#current = index + 1;
      }
    }
  }

  #send(
    server: URL,
    method: string,
    path: string,
    body: unknown,
    contentType: string | undefined,
    signal: AbortSignal,
  ) {
    const url = new URL(path, server);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | number> = { accept: "application/json" };
    if (this.#access.token !== undefined) headers.authorization = `Bearer ${this.#access.token}`;
    if (payload !== undefined) {
      headers["content-type"] = contentType ?? "application/json";
      headers["content-length"] = Buffer.byteLength(payload);
    }
    const options = { method, headers, signal };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request: ClientRequest =
        url.protocol === "https:"
          ? httpsRequest(url, { ...options, agent: this.#agents.https })
          : httpRequest(url, { ...options, agent: this.#agents.http });
      request.once("response", resolve).once("error", reject).end(payload);
    });
  }
}

/** The server answered a watch with something other than a stream. */
export class WatchRefused extends Error {
  readonly status: number;

  constructor(status: number, body: string) {
    super(`watch answered with ${status}: ${body.slice(0, 500)}`);
    this.status = status;
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function parseBody(text: string): ApiObject {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
