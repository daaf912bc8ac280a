import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { PeopleWrites } from "../ports/people-writes.ts";
import type { Reviews } from "../ports/reviews.ts";
import type { Assets } from "./assets.ts";
import { Changes, type Home } from "./changes.ts";
import { isCrossSite, isOwnHost } from "./host-rules.ts";
import type { KeyPairFiles } from "./key-pair.ts";
import { type Listening, listen } from "./listen.ts";
import { type PageLimits, pageLimits } from "./page-limits.ts";
import { PageRouter } from "./page-router.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { errorReply, send } from "./reply.ts";
import { ReviewCache } from "./review-cache.ts";
import { createTlsServer } from "./tls-server.ts";
import { WardFeed, type WardSource } from "./ward-feed.ts";
import { WhoMay } from "./who-may.ts";

/** What the status page's server is made of. */
export interface PageServerOptions {
  /** Port 0 picks a free one. */
  readonly address: { readonly host: string; readonly port: number };
  /** Undefined: plain HTTP. With TLS anyone may have the page's files, which hold no data, to sign in with them. */
  readonly tls?: KeyPairFiles | undefined;
  /** False: whoever reaches the server may read. Changes need a token in any case. */
  readonly readersNeedToken: boolean;
  /** Names by which browsers may call this server, beside loopback's. */
  readonly hostNames: readonly string[];
  readonly source: WardSource;
  readonly assets: Assets;
  readonly metrics: () => Promise<string>;
  readonly reviews: Reviews;
  /** Writes with a person's own token. */
  readonly writesAs: (token: string) => PeopleWrites;
  readonly home: Home;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<PageLimits>;
}

/** How often Node looks for requests that take too long. */
const lookForSlowMs = 1_000;

/**
 * Serves the status page, its API and the metrics until the signal aborts.
 *
 * @returns the port it listens on
 * @throws Error when the address cannot be listened on
 */
export async function servePages(options: PageServerOptions, signal: AbortSignal): Promise<Listening> {
  const limits = { ...pageLimits, ...options.limits };
  const router = routerOf(options, limits, signal);
  const bounds = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: lookForSlowMs,
  };
  const listener: RequestListener = (request, response) =>
    void answer(options, limits, router, request, response, signal);
  const { server, ended } = await serverOf(options, limits, bounds, listener, signal);
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.idleTimeoutMs;
  const { port, closed } = await listen(server, options.address, signal);
  return { port, closed: Promise.all([closed, ended]).then(() => undefined) };
}

async function serverOf(
  { tls, clock, log }: PageServerOptions,
  limits: PageLimits,
  bounds: ServerOptions,
  listener: RequestListener,
  signal: AbortSignal,
): Promise<{ readonly server: Server; readonly ended: Promise<void> }> {
  if (tls === undefined) return { server: createServer(bounds, listener), ended: Promise.resolve() };
  const { handshakeTimeoutMs, certificateLookMs: lookEveryMs } = limits;
  return createTlsServer(bounds, { files: tls, handshakeTimeoutMs, lookEveryMs, clock, log }, listener, signal);
}

function routerOf(options: PageServerOptions, limits: PageLimits, signal: AbortSignal): PageRouter {
  const { readersNeedToken, clock, home, log, newId, source, writesAs } = options;
  const reviews = new ReviewCache(options.reviews, clock);
  const whoMay = new WhoMay({ reviews, readersNeedToken, signal });
  return new PageRouter({
    feed: new WardFeed(source, clock, signal),
    assets: options.assets,
    assetsNeedToken: options.tls === undefined,
    metrics: options.metrics,
    whoMay,
    changes: new Changes({ whoMay, writesAs, home, clock, newId, log }),
    home,
    clock,
    limits,
    signal,
  });
}

/** Never throws. */
async function answer(
  options: PageServerOptions,
  limits: PageLimits,
  router: PageRouter,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new DOMException("the connection is gone", "AbortError")));
  try {
    const { path, query } = targetOf(request.url ?? "", limits.maxPathLength);
    requireOwnOrigin(request, path, options);
    const asked = { request, response, path, query, signal: AbortSignal.any([signal, gone.signal]) };
    const reply = await router.answer(asked);
    if (reply !== undefined) send(request, response, reply);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.status === 500) options.log.error({ err: error, url: request.url }, "a page could not be served");
    if (response.headersSent || response.destroyed) response.destroy();
    else send(request, response, errorReply(refusal));
  }
}

/** The path as it was sent: nothing in it is decoded or resolved, so none leads out of what is served. */
function targetOf(url: string, mostLength: number): { readonly path: string; readonly query: URLSearchParams } {
  if (url.length > mostLength) throw new Refusal(414, "uri-too-long", "the path is too long");
  if (!url.startsWith("/")) throw new Refusal(400, "bad-request", "the path must begin with /");
  const end = url.indexOf("?");
  return end === -1
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, end), query: new URLSearchParams(url.slice(end + 1)) };
}

/** @throws Refusal 403 */
function requireOwnOrigin({ headers }: IncomingMessage, path: string, options: PageServerOptions): void {
  const { host, origin } = headers;
  if (!isOwnHost(host, options.address.host, options.hostNames))
    throw new Refusal(403, "wrong-host", "this server goes by another name; see http.host-names");
  const site = headers["sec-fetch-site"];
  const claims = { host, origin, site: Array.isArray(site) ? site[0] : site, isTls: options.tls !== undefined };
  // A link on another page may lead to this page; nothing else of another page may reach in.
  if (path !== "/" && isCrossSite(claims))
    throw new Refusal(403, "cross-site", "a page of another origin asked for this");
}
