import { connect, createServer, type Socket } from "node:net";

/** A way to a TCP port that counts those who take it. */
export interface Turnstile extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  connections: number;
  /** Cuts all connections; new ones are let through. */
  cut(): void;
}

export async function startTurnstile(target: { readonly host: string; readonly port: number }): Promise<Turnstile> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    turnstile.connections += 1;
    const far = connect(target);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const turnstile: Turnstile = {
    port: (server.address() as { port: number }).port,
    connections: 0,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return turnstile;
}
