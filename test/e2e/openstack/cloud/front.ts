import {
  createServer,
  type IncomingMessage,
  request as requestUpstream,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { SeenCall, ServiceFault } from "../../../support/openstack-cloud.ts";

type FrontedService = SeenCall["service"];

interface Loss {
  readonly method: string;
  readonly path: RegExp;
}

/** A reverse proxy before one service: counts every call, and stands between when a test says so. */
export interface Front {
  readonly port: number;
  /** From the next call on; connections that wait for an answer are cut. Undefined heals. */
  setFault(fault: ServiceFault | undefined): Promise<void>;
  /** The next call that matches is carried out, and its answer thrown away. */
  loseNextAnswer(loss: Loss): void;
  close(): Promise<void>;
}

const host = "127.0.0.1";

/**
 * @param upstreamPort of the service on 127.0.0.1
 * @param seen told of each call when it is over; status 0 for calls that were never answered
 */
export async function openFront(
  service: FrontedService,
  upstreamPort: number,
  seen: (call: SeenCall) => void,
): Promise<Front> {
  let fault: ServiceFault | undefined;
  const losses: Loss[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "" } = request;
    const sent = await readAll(request);
    const tell = (status: number) => seen({ service, method, path, body: sent.toString("utf8"), status });
    if (fault !== undefined) return tell(misbehave(fault, response));
    const lost = losses.findIndex((loss) => loss.method === method && loss.path.test(path));
    if (lost >= 0) losses.splice(lost, 1);
    const answer = await pass(request, sent, upstreamPort);
    // told with the service's own status: it was carried out
    tell(answer.status);
    if (lost >= 0) response.destroy();
    else response.writeHead(answer.status, [...answer.headers]).end(answer.body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async setFault(next) {
      const wasClosed = fault === "refuses";
      fault = next;
      if (next === "refuses" && !wasClosed) await close(server);
      else if (wasClosed && next !== "refuses") await listen(server, port);
      else server.closeAllConnections();
    },
    loseNextAnswer: (loss) => void losses.push(loss),
    close: () => close(server),
  };
}

/** @returns the status that was answered, 0 for none */
function misbehave(fault: ServiceFault, response: ServerResponse): number {
  switch (fault) {
    case "answers-503":
      response
        .writeHead(503, { "Content-Type": "text/html" })
        .end("<html><body><h1>503</h1>No server is available.</body></html>");
      return 503;
    case "talks-nonsense":
      response.writeHead(200, { "Content-Type": "text/html" }).end("<html><body>It works!</body></html>");
      return 200;
    case "silent":
    case "refuses":
      return 0;
  }
}

interface Passed {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** The host header stays as the caller sent it, so that links in answers lead through here again. */
function pass(request: IncomingMessage, body: Buffer, port: number): Promise<Passed> {
  const headers = { ...request.headers, connection: "close" };
  return new Promise((resolve, reject) => {
    const upstream = requestUpstream({ host, port, method: request.method, path: request.url, headers }, (response) => {
      readAll(response).then(
        (answer) =>
          resolve({ status: response.statusCode ?? 0, headers: withoutHops(response.rawHeaders), body: answer }),
        reject,
      );
    });
    upstream.once("error", reject);
    upstream.end(body);
  });
}

/** Headers that speak of one connection only; the length is that of what we send. */
function withoutHops(raw: readonly string[]): string[] {
  const hops = new Set(["connection", "transfer-encoding", "keep-alive"]);
  return raw.filter((_, index) => !hops.has((raw[index - (index % 2)] ?? "").toLowerCase()));
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
