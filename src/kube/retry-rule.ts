import { type Failure, isRead } from "./status-error.ts";

/** How one attempt at a call ended, other than well. */
export type FailedAttempt =
  /** The server answered. */
  | { readonly kind: "answer"; readonly failure: Failure }
  /** No connection came about: the server saw nothing of it. */
  | { readonly kind: "unsent"; readonly failure: Failure; readonly cause: unknown }
  /** It may have been done; the answer is missing or unreadable. */
  | { readonly kind: "lost"; readonly failure: Failure; readonly cause: unknown };

/** What a call has already been through. */
export interface Tries {
  unauthorized: number;
  unsent: number;
  lost: number;
  waits: number;
}

const mostWaitMs = 10_000;
const mostWaits = 5;

/**
 * How long to wait before the call is tried again, undefined to give up. Pure. A write is repeated only when the server
 * surely did nothing: no connection, 401, or 429.
 */
export function retryWaitMs(
  attempt: FailedAttempt,
  tries: Readonly<Tries>,
  servers: number,
  mayWaitOn429: boolean,
): number | undefined {
  const { status, method, retryAfterMs } = attempt.failure;
  if (attempt.kind === "unsent") return tries.unsent < Math.max(2, servers) ? (servers > 1 ? 0 : 250) : undefined;
  if (attempt.kind === "lost") return isRead(method) && tries.lost < Math.max(1, servers - 1) ? 0 : undefined;
  if (status === 401) return tries.unauthorized === 0 ? 0 : undefined;
  if (tries.waits >= mostWaits) return undefined;
  const wishMs = Math.min(mostWaitMs, Math.max(50, retryAfterMs ?? 250 * 2 ** tries.waits));
  if (status === 429 && mayWaitOn429) return wishMs;
  return status >= 500 && isRead(method) && tries.waits < 3 ? wishMs : undefined;
}

const unsentCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
]);

/** Whether a socket error proves that no request reached the server. */
export function isUnsent(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === "string" && unsentCodes.has(code);
}
