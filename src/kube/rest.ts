import { request } from "undici";
import { messageOf } from "../core/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Meter } from "../ports/meter.ts";
import { type ApiServers, ServerLeft, type ServerPick } from "./api-servers.ts";
import { counting, readBody } from "./body.ts";
import type { Authorized, KubeAccess } from "./kube-access.ts";
import { type FailedAttempt, isUnsent, retryWaitMs, type Tries } from "./retry-rule.ts";
import {
  AnswerLostError,
  errorOf,
  failureOf,
  isRead,
  NotFoundError,
  noAnswer,
  UnavailableError,
} from "./status-error.ts";
import type { KubeObject } from "./wire.ts";

/** One call to the API. */
export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As `/api/v1/nodes/n1`; parts are already encoded. */
  readonly path: string;
  /** For metrics, as `nodes`; a bounded set. */
  readonly resource: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON; the body of a PATCH is a merge patch. */
  readonly body?: unknown;
  /** The body of a PATCH is a strategic merge patch (built-in kinds only). */
  readonly isStrategic?: boolean;
  /** For the whole call, retries included. */
  readonly deadlineMs?: number;
  /** False: a 429 is an answer to the caller (evictions). */
  readonly mayWaitOn429?: boolean;
  readonly signal: AbortSignal;
}

export interface RestParts {
  readonly access: KubeAccess;
  readonly servers: ApiServers;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Whose credentials; our own where absent. */
  readonly authorize?: () => Promise<Authorized>;
}

const defaultDeadlineMs = 10_000;
const mostBodyBytes = 32 * 1024 * 1024;

/** Calls to the API servers of one cluster. */
export class KubeRest {
  readonly parts: RestParts;

  constructor(parts: RestParts) {
    this.parts = parts;
  }

  /** Calls to the same servers as whoever shows this token, with none of our own rights. */
  as(token: string): KubeRest {
    const { access } = this.parts;
    return new KubeRest({ ...this.parts, authorize: () => access.authorizeAs(token) });
  }

  /**
   * Sends one call and returns the object of the answer. 401 is tried once more with a fresh token, 429 after its
   * Retry-After, reads also after a 5xx or a broken connection; a write whose outcome is unknown is never repeated.
   * @throws KubeCallError KubeAccessError
   */
  async call(call: Call): Promise<KubeObject> {
    if (call.signal.aborted) throw notBegun(call);
    const { clock, servers } = this.parts;
    using deadline = clock.deadline(call.deadlineMs ?? defaultDeadlineMs, call.signal);
    const tries: Tries = { unauthorized: 0, unsent: 0, lost: 0, waits: 0 };
    for (;;) {
      const attempt = await this.#attempt(call, deadline.signal);
      if (attempt.kind === "ok") return attempt.object;
      const waitMs = retryWaitMs(attempt, tries, servers.count, call.mayWaitOn429 ?? true);
      if (waitMs === undefined || deadline.signal.aborted) throw toError(attempt);
      note(tries, attempt);
      if (attempt.failure.status === 401) this.parts.access.renew();
      if (waitMs === 0) continue;
      await clock.sleep(waitMs, deadline.signal).catch(() => {
        throw toError(attempt);
      });
    }
  }

  /** GET of one object; undefined: it does not exist. @throws like `call` */
  async find(call: Omit<Call, "method">): Promise<KubeObject | undefined> {
    try {
      return await this.call({ ...call, method: "GET" });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** Whether a server says that it is ready; refusals (401, 403, 404) come from a living server. Never throws. */
  async isReady(base: string, signal: AbortSignal): Promise<boolean> {
    try {
      const { headers, dispatcher } = await this.parts.access.authorize();
      const answer = await request(`${base}/readyz`, { headers: { ...headers }, dispatcher, signal });
      await answer.body.dump();
      this.#count("GET", "readyz", answer.statusCode);
      return answer.statusCode < 500;
    } catch {
      this.#count("GET", "readyz", 0);
      return false;
    }
  }

  /** Leaves failing servers until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.parts.servers.run((base, probeSignal) => this.isReady(base, probeSignal), signal);
  }

  async #attempt(call: Call, signal: AbortSignal): Promise<FailedAttempt | { kind: "ok"; object: KubeObject }> {
    const { access, servers, clock, meter, authorize = () => access.authorize() } = this.parts;
    const { headers, dispatcher } = await authorize();
    const pick = servers.pick();
    const startedAt = clock.now().monoMs;
    let status = 0;
    try {
      const answer = await request(`${pick.base}${call.path}${queryText(call.query)}`, {
        method: call.method,
        headers: { ...headers, ...headersOf(call) },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        dispatcher,
        signal: AbortSignal.any([signal, pick.left]),
      });
      status = answer.statusCode;
      servers.heard(pick.base);
      const counted = counting(answer.body, (bytes) =>
        meter.count("aceso_kube_received_bytes_total", { resource: call.resource }, bytes),
      );
      const text = await readBody(counted, answer.headers["content-encoding"] === "gzip", mostBodyBytes);
      const labels = { verb: call.method, resource: call.resource };
      meter.time("aceso_kube_request_seconds", (clock.now().monoMs - startedAt) / 1_000, labels);
      if (status >= 500) servers.suspect(pick.base);
      if (status >= 300)
        return {
          kind: "answer",
          failure: failureOf(call.method, call.path, status, text, answer.headers["retry-after"]),
        };
      return { kind: "ok", object: objectOf(text) };
    } catch (error) {
      return this.#broken(call, pick, error, signal, status);
    } finally {
      this.#count(call.method, call.resource, status);
    }
  }

  #broken(call: Call, pick: ServerPick, error: unknown, signal: AbortSignal, status: number): FailedAttempt {
    const { servers } = this.parts;
    const why = signal.aborted ? messageOf(signal.reason) : messageOf(error);
    const failure = noAnswer(call.method, call.path, why);
    if (isUnsent(error)) {
      servers.fail(pick.base, why);
      return { kind: "unsent", failure, cause: error };
    }
    // Silence for a whole deadline condemns a server; a caller that gave up does not.
    if (signal.aborted && !call.signal.aborted && status === 0) servers.fail(pick.base, why);
    else if (!signal.aborted && !(error instanceof ServerLeft)) servers.suspect(pick.base);
    return { kind: "lost", failure, cause: error };
  }

  #count(method: string, resource: string, status: number): void {
    this.parts.meter.count("aceso_kube_requests_total", { verb: method, resource, code: `${status}` });
  }
}

/** `?a=1&b=2`, without what is undefined; empty for nothing. */
export function queryText(query: Call["query"]): string {
  const text = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) text.append(key, String(value));
  return text.size === 0 ? "" : `?${text}`;
}

function headersOf(call: Call): Record<string, string> {
  const patch = call.isStrategic === true ? "application/strategic-merge-patch+json" : "application/merge-patch+json";
  const type = call.method === "PATCH" ? patch : "application/json";
  return {
    accept: "application/json",
    "user-agent": "aceso",
    ...(isRead(call.method) && { "accept-encoding": "gzip" }),
    ...(call.body !== undefined && { "content-type": type }),
  };
}

/** Whoever asked had given up before anything was sent. */
function notBegun({ method, path, signal }: Call): UnavailableError {
  const failure = noAnswer(method, path, messageOf(signal.reason));
  return new UnavailableError(failure, "it was not sent", { cause: signal.reason });
}

function toError(attempt: FailedAttempt): Error {
  const { failure } = attempt;
  if (attempt.kind === "answer") return errorOf(failure);
  const options = { cause: attempt.cause };
  return attempt.kind === "lost" && !isRead(failure.method)
    ? new AnswerLostError(failure, "whether it was done is unknown, read it back", options)
    : new UnavailableError(failure, "try later", options);
}

function note(tries: Tries, attempt: FailedAttempt): void {
  if (attempt.kind === "unsent") tries.unsent += 1;
  else if (attempt.kind === "lost") tries.lost += 1;
  else if (attempt.failure.status === 401) tries.unauthorized += 1;
  else tries.waits += 1;
}

function objectOf(text: string): KubeObject {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error("the answer is no JSON object");
  return value as KubeObject;
}
