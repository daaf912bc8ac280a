import { AcesoError } from "../core/errors.ts";

/** What a failed call tells beside its message. */
export interface Failure {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** `reason` of the Status object, as `Conflict`; empty when the body was none. */
  readonly reason: string;
  /** The server's own words, cut to 512 characters. */
  readonly text: string;
  readonly retryAfterMs?: number | undefined;
  /** `details.causes[].reason` of the Status object. */
  readonly causes: readonly string[];
}

/** Base of every failed call to an API server. */
export abstract class KubeCallError extends AcesoError {
  readonly failure: Failure;

  constructor(failure: Failure, advice: string, options?: ErrorOptions) {
    super(`${failure.method} ${failure.path}: ${answerOf(failure)}; ${advice}`, options);
    this.failure = failure;
  }
}

/** 409: somebody else wrote, the object exists already, or it is another one than was meant. */
export class ConflictError extends KubeCallError {
  readonly code = "ACESO_KUBE_CONFLICT";
  readonly remedy = "re-read";
}

export class NotFoundError extends KubeCallError {
  readonly code = "ACESO_KUBE_NOT_FOUND";
  readonly remedy = "re-read";
}

/** 410: a resource version or a continue token is too old. */
export class GoneError extends KubeCallError {
  readonly code = "ACESO_KUBE_GONE";
  readonly remedy = "re-read";
}

export class ForbiddenError extends KubeCallError {
  readonly code = "ACESO_KUBE_FORBIDDEN";
  readonly remedy = "ask-operator";
}

/** 401, also with a freshly read token. */
export class UnauthorizedError extends KubeCallError {
  readonly code = "ACESO_KUBE_UNAUTHORIZED";
  readonly remedy = "ask-operator";
}

/** 400, 405, 415, 422 and the like: the server will never take this. */
export class RejectedError extends KubeCallError {
  readonly code = "ACESO_KUBE_REJECTED";
  readonly remedy = "give-up";
}

/** 429 for longer than the call's deadline allowed to wait; nothing was done. */
export class TooManyRequestsError extends KubeCallError {
  readonly code = "ACESO_KUBE_TOO_MANY_REQUESTS";
  readonly remedy = "retry";
}

/** No server could be asked: nothing was done, or it was only a read. */
export class UnavailableError extends KubeCallError {
  readonly code = "ACESO_KUBE_UNAVAILABLE";
  readonly remedy = "retry";
}

/** A write was sent and its answer is missing, a 5xx, or unreadable: it may have been done. Read before writing again. */
export class AnswerLostError extends KubeCallError {
  readonly code = "ACESO_KUBE_ANSWER_LOST";
  readonly remedy = "re-read";
}

/** The error that an HTTP status stands for. */
export function errorOf(failure: Failure, cause?: unknown): KubeCallError {
  const options = cause === undefined ? undefined : { cause };
  switch (failure.status) {
    case 401:
      return new UnauthorizedError(failure, "check the token and its audience", options);
    case 403:
      return new ForbiddenError(failure, "check the role bindings of the service account", options);
    case 404:
      return new NotFoundError(failure, "read again", options);
    case 409:
      return new ConflictError(failure, "read again and decide anew", options);
    case 410:
      return new GoneError(failure, "list again", options);
    case 429:
      return new TooManyRequestsError(failure, "try later", options);
    default:
      if (failure.status >= 400 && failure.status < 500) return new RejectedError(failure, "not tried again", options);
      return isRead(failure.method)
        ? new UnavailableError(failure, "try later", options)
        : new AnswerLostError(failure, "whether it was done is unknown, read it back", options);
  }
}

export function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** The failure that an answer stands for: a JSON Status where there is one, else the first characters of the text. */
export function failureOf(
  method: string,
  path: string,
  status: number,
  body: string,
  retryAfter?: string | readonly string[],
): Failure {
  const parsed = parseStatus(body);
  return {
    method,
    path,
    status,
    reason: typeof parsed?.reason === "string" ? parsed.reason : "",
    text: (typeof parsed?.message === "string" ? parsed.message : body).trim().slice(0, 512),
    retryAfterMs: retryAfterMs([retryAfter].flat()[0], parsed?.details?.retryAfterSeconds),
    causes: (Array.isArray(parsed?.details?.causes) ? parsed.details.causes : []).map((cause) => String(cause?.reason)),
  };
}

/** The failure of a call that got no answer. @param text why, in words */
export function noAnswer(method: string, path: string, text: string): Failure {
  return { method, path, status: 0, reason: "", text, causes: [] };
}

interface StatusBody {
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown; readonly causes?: readonly { reason?: unknown }[] };
}

function parseStatus(body: string): StatusBody | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as StatusBody) : undefined;
  } catch {
    return undefined;
  }
}

function retryAfterMs(header: string | undefined, details: unknown): number | undefined {
  const seconds = header !== undefined && /^\d+$/.test(header) ? Number(header) : details;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function answerOf({ status, reason, text }: Failure): string {
  const said = [reason, text].filter((part) => part !== "").join(" ");
  return status === 0 ? said || "no answer" : `${status} ${said}`.trim();
}
