import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../ports/clock.ts";
import { type Asset, type Assets, isKnown } from "./assets.ts";
import type { Changes, Home } from "./changes.ts";
import { streamWard } from "./event-stream.ts";
import { mePage, nodePage, nodesPage } from "./page-answers.ts";
import type { PageLimits } from "./page-limits.ts";
import { metricsContentType } from "./prometheus-meter.ts";
import { readJson } from "./read-body.ts";
import { notAllowed, notFound, Refusal } from "./refusal.ts";
import { jsonReply, type Reply } from "./reply.ts";
import type { WardDone, WardWish } from "./ward.ts";
import type { WardFeed } from "./ward-feed.ts";
import type { Caller, WhoMay } from "./who-may.ts";
import { type ReadWish, readWish } from "./wish.ts";

export interface RouterParts {
  readonly feed: WardFeed;
  readonly assets: Assets;
  /** The page's files hold no data, but without TLS a browser that has no token could not send one safely either. */
  readonly assetsNeedToken: boolean;
  readonly metrics: () => Promise<string>;
  readonly whoMay: WhoMay;
  readonly changes: Changes;
  readonly home: Home;
  readonly clock: Clock;
  readonly limits: PageLimits;
  /** Of the server. */
  readonly signal: AbortSignal;
}

/** One request. `signal` aborts when its connection is gone. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
}

type Write = (caller: Caller, wish: ReadWish) => Promise<WardDone>;

const reads = ["GET", "HEAD"];
const pauseKeys = ["reason", "until", "for"] as const;

/** Which path answers what, and who may ask. */
export class PageRouter {
  readonly #parts: RouterParts;
  #streams = 0;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** @returns undefined when the answer was sent by the route itself. @throws Refusal AcesoError */
  async answer(asked: Asked): Promise<Reply | undefined> {
    const { path } = asked;
    const asset = this.#parts.assets.get(path);
    if (asset !== undefined) return this.#asset(asked, asset);
    if (path === "/metrics") return this.#metrics(asked);
    const [, rest] = /^\/api\/v1\/(.+)$/.exec(path) ?? [];
    if (rest === undefined) throw notFound("this path");
    const [, name, act] = /^nodes\/([^/]+)(?:\/(pause|resume|repair))?$/.exec(rest) ?? [];
    if (name !== undefined) return this.#node(asked, nodeName(name), act);
    if (rest === "pause" || rest === "resume") return this.#cluster(asked, rest);
    return this.#read(asked, rest);
  }

  async #asset({ request }: Asked, asset: Asset): Promise<Reply> {
    requireMethod(request, reads);
    if (this.#parts.assetsNeedToken) await this.#parts.whoMay.requireReader(request, "page");
    const { body, contentType, etag } = asset;
    const headers = { etag, "cache-control": "no-cache" };
    const status = isKnown(etag, request.headers["if-none-match"]) ? 304 : 200;
    return { status, contentType, body, headers };
  }

  async #metrics({ request }: Asked): Promise<Reply> {
    requireMethod(request, reads);
    await this.#parts.whoMay.requireReader(request, "metrics");
    return { status: 200, contentType: metricsContentType, body: await this.#parts.metrics() };
  }

  async #read(asked: Asked, what: string): Promise<Reply | undefined> {
    const { feed, whoMay, home } = this.#parts;
    const { request, query } = asked;
    if (!["ward", "ward/stream", "nodes", "me"].includes(what)) throw notFound("this path");
    requireMethod(request, reads);
    if (what === "me") return json(await mePage(await whoMay.caller(request), whoMay, home));
    await whoMay.requireReader(request, "page");
    if (what === "ward") return jsonReply((await feed.latest()).text);
    if (what === "nodes") return json(nodesPage(await feed.latest(), query));
    return this.#stream(asked);
  }

  async #stream({ request, response, signal }: Asked): Promise<undefined> {
    const { feed, clock, limits } = this.#parts;
    requireMethod(request, ["GET"]);
    if (this.#streams >= limits.maxStreams)
      throw new Refusal(503, "too-many-streams", "too many pages are open here", { "retry-after": "10" });
    this.#streams += 1;
    try {
      await streamWard(feed, response, clock, limits, signal);
    } finally {
      this.#streams -= 1;
    }
    return undefined;
  }

  async #node(asked: Asked, name: string, act: string | undefined): Promise<Reply> {
    const { feed, whoMay, changes } = this.#parts;
    const { request, signal } = asked;
    if (act === undefined) {
      requireMethod(request, reads);
      await whoMay.requireReader(request, "page");
      return json(nodePage(await feed.latest(), name));
    }
    const view = async () => (await feed.latest()).sight.view;
    if (act === "pause") return this.#write(asked, pauseKeys, (by, wish) => changes.pauseNode(by, name, wish, signal));
    if (act === "resume")
      return this.#write(asked, ["reason"], async (by) => changes.resumeNode(by, name, await view(), signal));
    return this.#write(asked, ["reason", "releaseHold"], async (by, wish) =>
      changes.repair(by, name, wish, await view(), signal),
    );
  }

  async #cluster(asked: Asked, act: "pause" | "resume"): Promise<Reply> {
    const { changes } = this.#parts;
    const { signal } = asked;
    return act === "pause"
      ? this.#write(asked, pauseKeys, (by, wish) => changes.pauseCluster(by, wish, signal))
      : this.#write(asked, ["reason"], (by) => changes.resumeCluster(by, signal));
  }

  async #write({ request }: Asked, keys: readonly (keyof WardWish)[], write: Write): Promise<Reply> {
    const { whoMay, limits, clock } = this.#parts;
    requireMethod(request, ["POST"]);
    const body = await readJson(request, limits.maxBodyBytes);
    const caller = await whoMay.caller(request);
    return json(await write(caller, readWish(body, keys, clock.now().wallMs)));
  }
}

function json(value: object): Reply {
  return jsonReply(JSON.stringify(value));
}

function requireMethod({ method }: IncomingMessage, allowed: readonly string[]): void {
  if (!allowed.includes(method ?? "")) throw notAllowed(allowed);
}

/** A name that a Node can have. @throws Refusal 404 */
function nodeName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text)) return text;
  throw notFound("a node of this name");
}
