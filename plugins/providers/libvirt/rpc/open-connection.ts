import type { Clock } from "../../../../src/plugin-api/index.ts";
import { authenticate } from "./authenticate.ts";
import { Connection } from "./connection.ts";
import { keepaliveFeature, procedures } from "./procedures.ts";
import { openStream } from "./transport.ts";
import type { ConnectionUri } from "./uri.ts";

/** virConnectFlags: may only read. */
const readOnlyFlag = 1;

export interface OpenOptions {
  readonly isReadOnly: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects, authenticates and opens QEMU's driver: a connection that is ready for calls.
 *
 * @throws ConnectionError, LibvirtError, NoAnswerError or WireError; nothing is left open then
 */
export async function openConnection(uri: ConnectionUri, clock: Clock, options: OpenOptions): Promise<Connection> {
  using deadline = clock.deadline(options.timeoutMs, options.signal);
  const { signal } = deadline;
  const connection = new Connection(await openStream(uri, signal), uri.name, clock);
  const call = { timeoutMs: options.timeoutMs, signal, on: "" };
  try {
    await authenticate(connection, uri, call);
    await connection.call(procedures.open, [uri.driver, options.isReadOnly ? readOnlyFlag : 0], call);
    await connection.call(procedures.supportsFeature, [keepaliveFeature], call);
    return connection;
  } catch (error) {
    connection.abandon("could not be opened");
    throw error;
  }
}
