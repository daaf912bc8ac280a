import type { IncomingHttpHeaders } from "node:http";
import { type Clock, type Log, messageOf } from "../../../src/plugin-api/index.ts";
import type { CloudAccess } from "./cloud-access.ts";
import { Connections } from "./connections.ts";
import { type Exchange, exchange, type HttpAnswer, type Request } from "./exchange.ts";
import { isPassing, retryWaitMs } from "./retry-rule.ts";

/** One request that was answered, or not, for whoever counts them. */
export interface SeenRequest {
  /** As in the catalog; `identity` for Keystone. */
  readonly service: string;
  readonly method: string;
  /** With query, without host. */
  readonly path: string;
  /** 0: no answer. */
  readonly status: number;
  readonly durationMs: number;
}

export interface CallerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onCall?: ((seen: SeenRequest) => void) | undefined;
}

export interface ServiceRequest extends Omit<Request, "agent"> {
  readonly service: string;
  /** May be sent again: a read, or a login. */
  readonly isRepeatable: boolean;
}

/** A try without an answer is given up after this time, also when the caller's own deadline is later. */
const readMs = 30_000;
const writeMs = 60_000;

/** Sends requests with the certificates of the current access: retries what may be repeated, logs and counts each try. */
export class Caller {
  readonly #parts: CallerParts;
  #connections: Connections | undefined;
  #isClosed = false;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /** @returns the last try's outcome. Never throws; ends when the signal aborts */
  async send(request: ServiceRequest, access: CloudAccess, signal: AbortSignal): Promise<Exchange> {
    const { clock } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#try(request, access, signal);
      const isOver = outcome.kind === "answer" && !isPassing(outcome.status);
      if (isOver || !request.isRepeatable || signal.aborted) return outcome;
      const retryAfter = outcome.kind === "answer" ? headerOf(outcome.headers, "retry-after") : undefined;
      const waitMs = retryWaitMs(tries, retryAfter, clock.now().wallMs);
      if (waitMs === undefined) return outcome;
      try {
        await clock.sleep(waitMs, signal);
      } catch {
        return outcome;
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#connections?.retire();
  }

  async #try(request: ServiceRequest, access: CloudAccess, signal: AbortSignal): Promise<Exchange> {
    const { clock } = this.#parts;
    if (this.#isClosed) return { kind: "unsent", problem: "the session is closed" };
    const isRead = request.method === "GET";
    using deadline = clock.deadline(isRead ? readMs : writeMs, signal);
    const startedAtMs = clock.now().monoMs;
    const connections = this.#connectionsOf(access);
    const outcome = await connections.use(request.url, isRead, (agent) =>
      exchange({ ...request, agent }, deadline.signal),
    );
    this.#note(request, outcome, clock.now().monoMs - startedAtMs);
    return outcome;
  }

  #connectionsOf({ tls }: CloudAccess): Connections {
    const held = this.#connections;
    if (held !== undefined && JSON.stringify(held.tls) === JSON.stringify(tls)) return held;
    held?.retire();
    this.#connections = new Connections(tls, this.#parts.environment);
    return this.#connections;
  }

  #note({ service, method, url }: ServiceRequest, outcome: Exchange, durationMs: number): void {
    const { log, onCall } = this.#parts;
    const path = `${url.pathname}${url.search}`;
    const status = outcome.kind === "answer" ? outcome.status : 0;
    const fields = { service, method, path, status, durationMs: Math.round(durationMs) };
    if (outcome.kind === "answer") log.debug({ ...fields, requestId: requestIdOf(outcome) }, "call answered");
    else log.debug({ ...fields, problem: outcome.problem }, `call ${outcome.kind}`);
    try {
      onCall?.({ service, method, path, status, durationMs });
    } catch (error) {
      log.warn({ problem: messageOf(error) }, "counting a call threw");
    }
  }
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function requestIdOf({ headers }: HttpAnswer): string {
  return headerOf(headers, "x-openstack-request-id") ?? headerOf(headers, "x-compute-request-id") ?? "";
}

/** JSON as a value, anything else as text; undefined for an empty body. */
export function bodyOf({ text }: HttpAnswer): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
