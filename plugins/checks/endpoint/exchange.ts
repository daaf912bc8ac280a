import { type ClientRequest, type Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { TLSSocket } from "node:tls";
import { meaningOfSocketError } from "../../../src/plugin-api/index.ts";

/** What came back from one GET. */
export type Exchange =
  | { readonly kind: "status"; readonly status: number; readonly body: string }
  /** TLS worked, but the certificate could not be verified; the request was not sent. */
  | { readonly kind: "unverifiable"; readonly problem: string }
  /** Refused, reset, no TLS, no HTTP, or time over. */
  | { readonly kind: "broken"; readonly problem: string; readonly answered: boolean }
  /** Our own machine could not ask. */
  | { readonly kind: "local"; readonly problem: string };

export interface Get {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly token: string | undefined;
  readonly agent: HttpAgent;
}

/** More of a body than this is not read; a health endpoint says a few words. */
const maxBodyBytes = 65_536;

/** Sends one GET over a connection of its own, follows no redirect. Never throws; ends when the signal aborts. */
export function exchange(get: Get, signal: AbortSignal): Promise<Exchange> {
  return new Promise((resolve) => {
    let isConnected = false;
    const request = send(get, signal);
    request.on("socket", (socket) => {
      socket.once("connect", () => {
        isConnected = true;
      });
    });
    request.on("error", (error) => resolve(failed(error, request, isConnected, signal)));
    request.on("response", (response) => {
      readBody(response).then(
        (body) => resolve({ kind: "status", status: response.statusCode ?? 0, body }),
        (error) => resolve(failed(error, request, true, signal)),
      );
    });
    request.end();
  });
}

function send(get: Get, signal: AbortSignal): ClientRequest {
  const { host, port, path, agent } = get;
  const headers: Record<string, string> = { Accept: "*/*", Connection: "close", "User-Agent": "aceso" };
  if (get.token !== undefined) headers.Authorization = `Bearer ${get.token}`;
  const request = get.isTls ? requestHttps : requestHttp;
  return request({ method: "GET", host, port, path, agent, headers, signal });
}

/** The whole body, or its first 64 KiB; a longer one is cut off together with its connection. */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= maxBodyBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBodyBytes).toString("utf8");
}

function failed(error: Error, request: ClientRequest, isConnected: boolean, signal: AbortSignal): Exchange {
  if (signal.aborted) {
    const problem = isConnected ? "connected, but no answer within the timeout" : "no answer within the timeout";
    return { kind: "broken", problem, answered: isConnected };
  }
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  const socket = request.socket as Partial<TLSSocket> | null;
  if (socket?.authorizationError) return { kind: "unverifiable", problem: code };
  if (isConnected) return { kind: "broken", problem: code, answered: true };
  const meaning = meaningOfSocketError(code);
  return meaning === "local"
    ? { kind: "local", problem: code }
    : { kind: "broken", problem: code, answered: meaning === "answered" };
}
