import type { Socket } from "node:net";

/** Connections on which the cloud will say nothing by itself until time moves or a fault is healed. */
export class RestingCalls {
  readonly #ports = new Set<number>();

  /** @returns what ends it */
  add(socket: Socket): () => void {
    const port = socket.remotePort ?? 0;
    this.#ports.add(port);
    const over = () => this.#ports.delete(port);
    socket.once("close", over);
    return over;
  }

  /** @param clientPort the near end of the caller's connection */
  has(clientPort: number): boolean {
    return this.#ports.has(clientPort);
  }
}
