import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Issued } from "../../support/certificates.ts";

/** A server on a free port of 127.0.0.1 that counts its connections; `await using` closes it with them. */
export interface Loopback extends AsyncDisposable {
  readonly port: number;
  readonly connections: number;
}

export function serveHttp(listener: RequestListener): Promise<Loopback> {
  return listen(createHttpServer(listener));
}

/** @param clientCa asks each client for a certificate of this authority */
export function serveHttps(issued: Issued, listener: RequestListener, clientCa?: string): Promise<Loopback> {
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return listen(createHttpsServer({ cert: issued.cert, key: issued.key, ...clients }, listener));
}

export function serveTcp(listener: (socket: Socket) => void): Promise<Loopback> {
  return listen(createTcpServer(listener));
}

async function listen(server: Server): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
