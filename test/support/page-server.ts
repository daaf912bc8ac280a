import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readPageAssets } from "../../src/app/page-assets.ts";
import type { Ward, WardNodes } from "../../src/http/ward.ts";
import { wellPatient } from "./ward-builders.ts";

/** As strict as the product's. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** A wish that arrived. */
export interface HeardWish {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** The status page over a ward that a test scripts: what the page makes of any state, without a cluster. */
export interface PageServer extends AsyncDisposable {
  readonly url: string;
  readonly wishes: readonly HeardWish[];
  /** Shows it to every open page. */
  show(ward: Ward): void;
  /** Ends all streams; with `isDown` nobody is answered any more until the next `show`. */
  cut(isDown: boolean): void;
}

/** The one token that may do anything. */
export const goodToken = "a-token-of-somebody-who-may";
/** One of somebody whom Kubernetes knows and who may do nothing. */
export const strangersToken = "a-token-of-somebody-who-may-not";

/** @param beds all nodes, for the search @param readersNeedToken as beyond loopback */
export async function startPageServer(
  first: Ward,
  beds: WardNodes["nodes"] = [],
  readersNeedToken = false,
): Promise<PageServer> {
  const assets = await readPageAssets();
  const streams = new Set<ServerResponse>();
  const wishes: HeardWish[] = [];
  let ward = first;
  let isDown = false;
  const json = (response: ServerResponse, status: number, value: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://page");
    const asset = assets.get(url.pathname);
    if (isDown) return void request.socket.destroy();
    if (asset !== undefined) {
      const { contentType, etag, body } = asset;
      response.writeHead(200, { "content-type": contentType, etag, "content-security-policy": policy });
      return void response.end(body);
    }
    if (request.method === "POST") {
      const { authorization } = request.headers;
      wishes.push({ path: url.pathname, authorization, body: await bodyOf(request) });
      if (request.headers["x-aceso-request"] !== "1") return json(response, 403, { message: "no x-aceso-request" });
      if (authorization !== `Bearer ${goodToken}`) return json(response, 401, { message: "the token is not valid" });
      return json(response, 200, { message: "done" });
    }
    const token = request.headers.authorization?.replace("Bearer ", "");
    const isKnown = token === goodToken || token === strangersToken;
    if ((readersNeedToken || url.pathname === "/api/v1/me") && !isKnown) {
      const message = token === undefined ? "a bearer token is needed" : "the API server does not accept this token";
      return json(response, 401, { code: "unauthorized", message });
    }
    if (url.pathname === "/api/v1/me") {
      return json(response, 200, {
        name: "ada@example.org",
        mayPauseCluster: true,
        mayPauseNodes: true,
        mayRepair: true,
      });
    }
    if (readersNeedToken && token !== goodToken)
      return json(response, 403, { code: "forbidden", message: "somebody may not get /aceso/status-page" });
    if (url.pathname === "/api/v1/ward/stream") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return void response.write(eventOf(ward));
    }
    if (url.pathname === "/api/v1/nodes") return json(response, 200, search(beds, url.searchParams, ward.asOf));
    const name = url.pathname.slice("/api/v1/nodes/".length);
    const well = beds.some((bed) => bed.name === name) ? wellPatient(name) : undefined;
    const patient = ward.patients.find(({ node }) => node === name) ?? well;
    return json(response, patient === undefined ? 404 : 200, patient ?? { message: "no such node" });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    wishes,
    show(next) {
      isDown = false;
      ward = next;
      for (const stream of streams) stream.write(eventOf(ward));
    },
    cut(down) {
      isDown = down;
      for (const stream of streams) stream.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function eventOf(ward: Ward): string {
  return `event: ward\ndata: ${JSON.stringify(ward)}\n\n`;
}

function search(beds: WardNodes["nodes"], query: URLSearchParams, asOf: string): WardNodes {
  const text = query.get("search") ?? "";
  const found = beds.filter(({ name }) => name.includes(text));
  return { asOf, total: found.length, nodes: found.slice(0, Number(query.get("limit") ?? 50)) };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return JSON.parse(text);
}
