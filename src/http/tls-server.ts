import type { RequestListener, ServerOptions } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { FreshKeyPair } from "./fresh-key-pair.ts";
import { contextOf, type KeyPairFiles } from "./key-pair.ts";

export interface TlsServerParts {
  readonly files: KeyPairFiles;
  /** From the TCP connection to the end of the handshake. */
  readonly handshakeTimeoutMs: number;
  /** How often the files are looked at. */
  readonly lookEveryMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A server that does not listen yet, and the end of the looking after its certificate. */
export interface TlsServer {
  readonly server: Server;
  readonly ended: Promise<void>;
}

/**
 * An HTTP server with TLS. A new certificate serves new connections, and those that are open go on with theirs. As long
 * as there is none it listens and ends every handshake: a Secret that is filled later needs no restart.
 *
 * @param signal ends all, connections in the middle of their handshake too
 */
export async function createTlsServer(
  options: ServerOptions,
  { files, handshakeTimeoutMs, lookEveryMs, clock, log }: TlsServerParts,
  answer: RequestListener,
  signal: AbortSignal,
): Promise<TlsServer> {
  const server = createServer({ ...options, handshakeTimeout: handshakeTimeoutMs }, answer);
  endWith(server, signal);
  const pair = new FreshKeyPair({ files, clock, log, use: (it) => server.setSecureContext(contextOf(it)) });
  await pair.look(signal);
  return { server, ended: pair.run(lookEveryMs, signal) };
}

/** The HTTP server knows nothing of a connection before its handshake is over. */
function endWith(server: Server, signal: AbortSignal): void {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  const end = () => {
    for (const socket of open) socket.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
}
