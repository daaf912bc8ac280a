import { createServer } from "node:http";
import { type Listening, listen } from "./listen.ts";

/** What one path answers. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** Headers of at most this size, and a connection at most this long without a request. */
const limits = { maxHeaderSize: 8_192, requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 };
const mostConnections = 64;

/**
 * Serves a few fixed GET paths until the signal aborts; everything else is 404 or 405.
 *
 * @returns the address it listens on (port 0 picks a free one)
 * @throws Error when the address cannot be listened on
 */
export async function serveRoutes(
  address: { readonly host: string; readonly port: number },
  routes: Routes,
  signal: AbortSignal,
): Promise<Listening> {
  const server = createServer(limits, (request, response) => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const isRead = request.method === "GET" || request.method === "HEAD";
    const answer = route === undefined ? notFound : isRead ? route : notAllowed;
    void Promise.resolve()
      .then(answer)
      .catch(() => ({ status: 500, text: "internal error\n" }))
      .then(({ status, text }) => {
        response.writeHead(status, {
          "content-type": "text/plain; charset=utf-8",
          "x-content-type-options": "nosniff",
        });
        response.end(text);
      });
  });
  server.maxConnections = mostConnections;
  return listen(server, address, signal);
}

const notFound = () => ({ status: 404, text: "not found\n" });
const notAllowed = () => ({ status: 405, text: "only GET\n" });
