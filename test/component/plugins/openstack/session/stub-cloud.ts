import type { IncomingMessage, ServerResponse } from "node:http";
import { openSession } from "../../../../../plugins/shared/openstack/open-session.ts";
import type { OpenStackSession } from "../../../../../plugins/shared/openstack/session.ts";
import { settingsFrom } from "../../../../../plugins/shared/openstack/settings.ts";
import type { Clock } from "../../../../../src/plugin-api/index.ts";
import type { Issued } from "../../../../support/certificates.ts";
import { hastyClock } from "../../../../support/hasty-clock.ts";
import { type LogLine, recordingLog } from "../../../../support/recording-log.ts";
import { type Loopback, serveHttp, serveHttps } from "../../../../unit/plugins/loopback.ts";

export const password = "hunter22-the-password";

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** How to answer it; `silent`: never, `reset`: by breaking the connection, `cut`: with half an answer. */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | "silent"
  | "reset"
  | "cut"
  | "endless"
  | ((seen: Seen) => Reply);

export interface StubCloud extends AsyncDisposable {
  readonly url: string;
  readonly connections: number;
  /** Calls of services, oldest first. */
  readonly calls: Seen[];
  readonly logins: Seen[];
  /** Answers to the next calls of services; 200 `{}` when there is none left. */
  readonly replies: Reply[];
  /** Answers to the next logins; a token when there is none left. */
  readonly loginReplies: Reply[];
  lifetimeMs: number;
}

export const tokenText = (login: number) => `gAAAA-secret-token-${login}`;

/** Answers calls as it is told: no Keystone and no Nova, but a server that can break in every way a server can. */
export async function startStubCloud(issued?: Issued, clientCa?: string): Promise<StubCloud> {
  const [calls, logins, replies, loginReplies]: [Seen[], Seen[], Reply[], Reply[]] = [[], [], [], []];
  let server: Loopback | undefined;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const seen = await read(request);
    const isLogin = seen.path.endsWith("/auth/tokens");
    (isLogin ? logins : calls).push(seen);
    const fallback: Reply = isLogin ? tokenReply(cloud, logins.length) : { status: 200, body: {} };
    const reply = (isLogin ? loginReplies : replies).shift() ?? fallback;
    send(typeof reply === "function" ? reply(seen) : reply, request, response);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  server = issued === undefined ? await serveHttp(listener) : await serveHttps(issued, listener, clientCa);
  const { port } = server;
  const cloud: StubCloud = {
    url: `${issued === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    get connections() {
      return server.connections;
    },
    calls,
    logins,
    replies,
    loginReplies,
    lifetimeMs: 3_600_000,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return cloud;
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method = "", url = "", headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks).toString() };
}

/** A token as Keystone gives it, whoever asks. */
export function tokenReply(cloud: { readonly url: string; readonly lifetimeMs: number }, login: number): Reply {
  const service = (type: string, path: string) => ({
    type,
    endpoints: [{ interface: "public", region: "RegionOne", region_id: "RegionOne", url: `${cloud.url}${path}` }],
  });
  const issuedAtMs = Date.UTC(2031, 0, 1);
  return {
    status: 201,
    headers: { "X-Subject-Token": tokenText(login) },
    body: {
      token: {
        issued_at: new Date(issuedAtMs).toISOString(),
        expires_at: new Date(issuedAtMs + cloud.lifetimeMs).toISOString().slice(0, -1),
        project: { id: "PID" },
        catalog: [
          service("compute", "/compute/v2.1"),
          service("orchestration", "/heat/v1/PID"),
          service("container-infra", "/magnum/v1"),
          service("volumev3", "/cinder/v3/PID"),
        ],
      },
    },
  };
}

function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if (typeof reply === "function" || reply === "silent") return;
  if (reply === "reset") return void request.socket.destroy();
  if (reply === "cut") {
    response.writeHead(202, { "Content-Length": "1000" }).write("{");
    return void setImmediate(() => request.socket.destroy());
  }
  if (reply === "endless") {
    const piece = Buffer.alloc(1_048_576, 97);
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed) response.write(piece, more);
    };
    more();
    return;
  }
  const text = typeof reply.body === "string" ? reply.body : reply.body === undefined ? "" : JSON.stringify(reply.body);
  response.writeHead(reply.status, { "X-Openstack-Request-Id": "req-1", ...reply.headers }).end(text);
}

/** A session with the stub, and all that it logged. */
export function sessionWith(
  cloud: { readonly url: string },
  params: object = {},
  clock: Clock = hastyClock(),
): OpenStackSession & AsyncDisposable & { readonly lines: readonly LogLine[] } {
  const log = recordingLog();
  const section = { "auth-url": cloud.url, "user-id": "U", password, "project-id": "PID", ...params };
  const session = openSession(settingsFrom(section), { clock, log, environment: {} });
  return Object.assign(session, { lines: log.lines, [Symbol.asyncDispose]: () => session.close() });
}
