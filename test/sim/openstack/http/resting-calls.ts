import type { Socket } from "node:net";

/** Connections on which the cloud will say nothing by itself until time moves or a fault is healed. */
export class RestingCalls {
  readonly #sockets = new Map<number, Socket>();

  /** @returns what ends it */
  add(socket: Socket): () => void {
    const port = socket.remotePort ?? 0;
    this.#sockets.set(port, socket);
    const over = () => this.#sockets.delete(port);
    socket.once("close", over);
    return over;
  }

  /** @param clientPort the near end of the caller's connection */
  has(clientPort: number): boolean {
    return this.#sockets.has(clientPort);
  }

  /** Cuts those that reached the service on this port. */
  cut(servicePort: number): void {
    for (const socket of [...this.#sockets.values()]) if (socket.localPort === servicePort) socket.destroy();
  }
}
