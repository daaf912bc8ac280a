import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import type { Activity } from "./quiet.ts";

/** Which ports are listened to, and which calls (by the near port of the caller's connection) wait for time to move. */
export interface LoopbackServer {
  isOwnPort(port: number): boolean;
  isAtRest(clientPort: number): boolean;
}

interface Call {
  readonly what: string;
  clientPort(): number | undefined;
}

/**
 * Calls from this process to simulated services, whatever client makes them (`node:http` and so got, undici, `fetch`):
 * Node itself announces them. In flight from its creation to the end of its answer, unless the server lets it rest.
 */
export class LoopbackCalls implements Activity {
  readonly #server: LoopbackServer;
  readonly #calls = new Map<object, Call>();
  readonly #sockets = new WeakMap<object, Socket>();
  readonly #subscriptions: readonly (readonly [string, (message: unknown) => void])[];
  happenings = 0;

  constructor(server: LoopbackServer) {
    this.#server = server;
    this.#subscriptions = [
      ["http.client.request.created", (message) => this.#onHttp((message as HttpMessage).request)],
      ["undici:request:create", (message) => this.#onUndici((message as UndiciMessage).request)],
      ["undici:client:sendHeaders", (message) => this.#onSocket(message as Required<UndiciMessage>)],
      ["undici:request:trailers", (message) => this.#onEnd((message as UndiciMessage).request)],
      ["undici:request:error", (message) => this.#onEnd((message as UndiciMessage).request)],
    ];
    for (const [channel, listener] of this.#subscriptions) subscribe(channel, listener);
  }

  inFlight(): string[] {
    return [...this.#calls.values()].filter((call) => !this.#isAtRest(call)).map(({ what }) => what);
  }

  stop(): void {
    for (const [channel, listener] of this.#subscriptions) unsubscribe(channel, listener);
    this.#calls.clear();
  }

  #isAtRest(call: Call): boolean {
    const port = call.clientPort();
    return port !== undefined && this.#server.isAtRest(port);
  }

  #onHttp(request: ClientRequest): void {
    const port = Number(String(request.getHeader("host") ?? "").split(":")[1] ?? 80);
    if (!this.#server.isOwnPort(port)) return;
    this.#begin(request, { what: `${request.method} ${request.path}`, clientPort: () => request.socket?.localPort });
    request.once("close", () => this.#onEnd(request));
  }

  #onUndici(request: UndiciRequest): void {
    if (!this.#server.isOwnPort(Number(new URL(String(request.origin)).port || 80))) return;
    const clientPort = () => this.#sockets.get(request)?.localPort;
    this.#begin(request, { what: `${request.method} ${request.path}`, clientPort });
  }

  #onSocket({ request, socket }: Required<UndiciMessage>): void {
    this.#sockets.set(request, socket);
  }

  #begin(request: object, call: Call): void {
    this.#calls.set(request, call);
    this.happenings += 1;
  }

  #onEnd(request: object): void {
    if (this.#calls.delete(request)) this.happenings += 1;
  }
}

interface HttpMessage {
  readonly request: ClientRequest;
}

interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
}

interface UndiciMessage {
  readonly request: UndiciRequest;
  readonly socket?: Socket;
}
