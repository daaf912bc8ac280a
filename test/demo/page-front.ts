import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isCrossSite, isOwnHost } from "../../src/http/host-rules.ts";
import type { PluggedMachine } from "./picture.ts";

export interface PageFrontOptions {
  readonly machines: () => readonly PluggedMachine[];
  /** The token that signs in. */
  readonly token: string;
  /** Pulls the plug, or switches on what is off. */
  readonly plug: (name: string) => unknown;
  readonly killLeader: () => unknown;
  /** Where a replica that runs serves its page; undefined: none does. */
  readonly replicaPort: () => number | undefined;
}

export interface PageFront extends AsyncDisposable {
  readonly url: string;
}

const here = join(import.meta.dirname, "page");

/**
 * The status page of whichever replica runs, under one address that outlives each of them, with the demo's buttons
 * added. The product's server knows nothing of these.
 */
export async function startPageFront(options: PageFrontOptions): Promise<PageFront> {
  const script = stripTypeScriptTypes(await readFile(join(here, "plugs.ts"), "utf8"));
  const style = await readFile(join(here, "plugs.css"), "utf8");
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/assets/demo.js": ["text/javascript; charset=utf-8", script],
    "/assets/demo.css": ["text/css; charset=utf-8", style],
  };
  const server = createServer((asked, response) => {
    const path = (asked.url ?? "/").split("?", 1)[0] ?? "/";
    const file = files[path];
    if (file !== undefined) end(response, 200, file[0], file[1]);
    else if (path.startsWith("/demo/")) answerDemo(options, asked, response, path);
    else forward(options.replicaPort(), asked, response, path === "/");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerDemo(options: PageFrontOptions, asked: IncomingMessage, response: ServerResponse, path: string): void {
  const refuse = (status: number, why: string) => end(response, status, "text/plain", `${why}\n`);
  const json = (value: unknown) => end(response, 200, "application/json", JSON.stringify(value));
  const machines = options.machines();
  const [, name] = /^\/demo\/machines\/([^/]+)\/plug$/.exec(path) ?? [];
  const isScripted = asked.headers["x-aceso-request"] !== undefined;
  if (isForeign(asked)) refuse(403, "not from here");
  else if (path === "/demo/machines" && asked.method === "GET") json({ machines, token: options.token });
  else if (asked.method !== "POST" || !isScripted) refuse(405, "only the page's own buttons");
  else if (path === "/demo/kill-leader") json({ done: options.killLeader() });
  else if (name !== undefined && machines.some((each) => each.name === name)) json({ done: options.plug(name) });
  else refuse(404, "no such machine");
}

function isForeign({ headers }: IncomingMessage): boolean {
  const { host, origin, "sec-fetch-site": site } = headers;
  const claims = { host, origin, site: Array.isArray(site) ? site[0] : site, isTls: false };
  return isCrossSite(claims) || !isOwnHost(host, "127.0.0.1", []);
}

function end(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" });
  response.end(text);
}

/** Hands a request to a replica as it is. The page itself gets the demo's files in its head. */
function forward(port: number | undefined, asked: IncomingMessage, response: ServerResponse, isPage: boolean): void {
  const fail = () => {
    if (response.headersSent) response.destroy();
    else end(response, 503, "application/json", '{"code":"no-replica","message":"no replica of Aceso runs"}\n');
  };
  if (port === undefined) {
    fail();
    return;
  }
  const { method = "GET", url: path = "/" } = asked;
  // compared with the content, which is another one here
  const { "if-none-match": _, ...rest } = asked.headers;
  const headers = isPage ? rest : asked.headers;
  const call = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
    if (isPage) {
      sendPage(answer, response).catch(fail);
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("error", fail);
    answer.pipe(response);
  });
  call.on("error", fail);
  response.once("close", () => call.destroy());
  asked.pipe(call);
}

const additions =
  '<link rel="stylesheet" href="assets/demo.css"><script type="module" src="assets/demo.js"></script></head>';

async function sendPage(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = "";
  for await (const piece of answer) text += String(piece);
  const { etag: _, "content-length": __, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, headers);
  response.end(text.replace("</head>", additions));
}
