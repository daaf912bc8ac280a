import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens, until the signal aborts. */
export interface Listening {
  readonly port: number;
  readonly closed: Promise<void>;
}

/** Port 0 picks a free one. @throws Error when the address cannot be listened on */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Listening> {
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return { port: (server.address() as AddressInfo).port, closed };
}
