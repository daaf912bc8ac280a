import type { ClientRequest, Agent as HttpAgent, IncomingHttpHeaders } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import got from "got";
import { messageOf } from "../../../src/plugin-api/index.ts";

/** One HTTP request to one address. */
export interface Request {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown;
  readonly agent: HttpAgent | HttpsAgent;
}

export interface HttpAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What one request came to. */
export type Exchange =
  | HttpAnswer
  /** The service certainly did not get it: refused, no such name, no TLS, or called off before it was written. */
  | { readonly kind: "unsent"; readonly problem: string }
  /** It may have been carried out: no answer, half an answer, or one that is too long. */
  | { readonly kind: "lost"; readonly problem: string };

/** More than any answer we ask for; a longer one is cut off together with its connection. */
const mostBodyBytes = 16 * 1_048_576;

/**
 * A server that wants another client certificate says so (TLS 1.3) only after our side believes to be connected. It
 * has read nothing by then.
 */
const refusedHandshake =
  /^ERR_SSL_(?:\w+_)?ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE|NO_CERTIFICATE|ACCESS_DENIED)\w*$/;

/** The server's certificate is not one that we trust. */
const unverified = /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/;

/** Sends one request, once; follows no redirect. Never throws; ends when the signal aborts. */
export async function exchange(request: Request, signal: AbortSignal): Promise<Exchange> {
  if (signal.aborted) return { kind: "unsent", problem: messageOf(signal.reason) };
  let wasSent = false;
  try {
    const stream = open(request, signal);
    stream.on("request", (outgoing: ClientRequest) => {
      onSent(outgoing, request.url, () => {
        wasSent = true;
      });
    });
    const text = await readText(stream);
    const { response } = stream;
    if (text === undefined) return { kind: "lost", problem: `its answer is longer than ${mostBodyBytes} bytes` };
    if (response === undefined) return { kind: "lost", problem: "no answer" };
    return { kind: "answer", status: response.statusCode, headers: response.headers, text };
  } catch (error) {
    if (signal.aborted) return { kind: wasSent ? "lost" : "unsent", problem: messageOf(signal.reason) };
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const isUnsent = !wasSent || refusedHandshake.test(code);
    return { kind: isUnsent ? "unsent" : "lost", problem: problemOf(error, code) };
  }
}

function open({ url, method, headers, body, agent }: Request, signal: AbortSignal) {
  return got.stream(url, {
    method,
    headers,
    ...(body !== undefined && { json: body }),
    agent: url.protocol === "https:" ? { https: agent as HttpsAgent } : { http: agent as HttpAgent },
    signal,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
  });
}

/** Calls back when the connection stands: from then on the server may have read the request. */
function onSent(outgoing: ClientRequest, url: URL, sent: () => void): void {
  outgoing.once("socket", (socket: Socket & { readonly secureConnecting?: boolean }) => {
    // A kept connection, or one that the agent made through a proxy, stands already and is written to at once.
    const stands = !socket.connecting && socket.secureConnecting !== true;
    if (outgoing.reusedSocket || stands) sent();
    else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", sent);
  });
}

/** Undefined when it is too long. */
async function readText(stream: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Only code and text of the error: got's own holds the request with its headers. */
function problemOf(error: unknown, code: string): string {
  if (code.startsWith("ERR_SSL_")) return refusedHandshake.test(code) ? `${code}: check cert-file and key-file` : code;
  if (unverified.test(code)) return `${code}: check ca-file`;
  const message = messageOf(error);
  const isNamed = code === "" || code === "ERR_GOT_REQUEST_ERROR" || message.includes(code);
  return isNamed ? message : `${code}: ${message}`;
}
