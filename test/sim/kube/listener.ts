import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One address of the simulated API server. Several share one store, as the servers of one cluster do. */
export class Listener {
  readonly #handle: RequestListener;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  /** True: connections are accepted and requests never answered. */
  isSilent = false;

  constructor(handle: RequestListener) {
    this.#handle = handle;
  }

  /** Valid once started, and still the same after a stop. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** 0 before the first start. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const server = createServer(this.#handle);
    // No timers of its own: time belongs to the tests' clock.
    Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, timeout: 0 });
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** As SIGKILL: open connections are reset, new ones refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }
}
