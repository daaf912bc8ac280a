import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "./refusal.ts";
import { securityHeaders } from "./security-headers.ts";
import type { WardError } from "./ward.ts";

/** A whole answer. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param text JSON already */
export function jsonReply(text: string, status = 200): Reply {
  return { status, contentType: "application/json", body: text };
}

export function errorReply({ status, code, message, headers }: Refusal): Reply {
  const error: WardError = { code, message };
  return { ...jsonReply(`${JSON.stringify(error)}\n`, status), headers };
}

/** Sends an answer; a request whose body was not read to its end costs the connection. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, contentType, body, headers } = reply;
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...securityHeaders,
    ...(hasBody && { "content-type": contentType, "content-length": Buffer.byteLength(body) }),
    ...(isUnread(request) && { connection: "close" }),
    ...headers,
  });
  response.end(hasBody && request.method !== "HEAD" ? body : undefined);
}

function isUnread({ headers, complete }: IncomingMessage): boolean {
  return !complete && (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0);
}
