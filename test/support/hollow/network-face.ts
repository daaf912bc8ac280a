import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { backlog, type FaceRequest, type FaceSettings, modes } from "./network-face-protocol.ts";

/**
 * What a node's address shows to those who connect to its kubelet's port.
 * `alive`: answers `/healthz`. `refused`: the kernel lives and nothing listens. `mute`: nothing answers at all.
 */
export type FaceMode = "alive" | "refused" | "mute";

/** The network stack of one hollow machine on a loopback address of its own. */
export interface NetworkFace {
  readonly host: string;
  readonly port: number;
  /** Resolves when connections made from now on see the new mode. */
  show(mode: FaceMode): Promise<void>;
  /** Status of `/healthz` from now on, 200 at first. */
  setHealth(status: number): void;
  close(): Promise<void>;
}

export interface FaceOptions {
  /** An address of 127.0.0.0/8 that no other face uses. */
  readonly host: string;
  /** Any free one where nothing is said. */
  readonly port?: number;
  /** With certificate and key (PEM) it speaks TLS, otherwise plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/**
 * Opens a face; it starts `mute`, as a machine without power.
 *
 * Loopback cannot lose packets, so a thread of its own holds the listening socket: while the thread sleeps nobody
 * accepts, and once the short queue of waiting connections is full the kernel drops every further attempt in silence.
 */
export async function openNetworkFace(options: FaceOptions): Promise<NetworkFace> {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const settings: FaceSettings = { host: options.host, port: options.port ?? 0, tls: options.tls, shared };
  const worker = new Worker(new URL("./network-face-worker.ts", import.meta.url), {
    workerData: settings,
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  worker.unref();
  const face = new ThreadFace(options.host, worker, shared);
  await face.open();
  return face;
}

class ThreadFace implements NetworkFace {
  readonly host: string;
  port = 0;
  readonly #worker: Worker;
  readonly #shared: Int32Array;
  #queue: Promise<void> = Promise.resolve();
  #fill: Socket[] = [];
  #mode: FaceMode | undefined;

  constructor(host: string, worker: Worker, shared: Int32Array) {
    this.host = host;
    this.#worker = worker;
    this.#shared = shared;
  }

  async open(): Promise<void> {
    this.port = await this.#answer();
    await this.show("mute");
  }

  show(mode: FaceMode): Promise<void> {
    const shown = this.#queue.then(() => this.#change(mode));
    this.#queue = shown.catch(() => {});
    return shown;
  }

  setHealth(status: number): void {
    this.#tell({ health: status });
  }

  async close(): Promise<void> {
    await this.#queue;
    this.#drain();
    await this.#worker.terminate();
  }

  async #change(mode: FaceMode): Promise<void> {
    if (mode === this.#mode) return;
    this.#mode = mode;
    const answered = this.#answer();
    // read by a sleeping thread when it wakes, before it looks at any connection
    Atomics.store(this.#shared, 0, modes[mode]);
    Atomics.notify(this.#shared, 0);
    this.#tell({ mode });
    this.#drain();
    await answered;
    if (mode === "mute") await this.#fillQueue();
  }

  #tell(request: FaceRequest): void {
    this.#worker.postMessage(request);
  }

  #answer(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#worker.once("error", reject);
      this.#worker.once("message", (port: number) => {
        this.#worker.off("error", reject);
        resolve(port);
      });
    });
  }

  /** Linux holds one more waiting connection than the backlog says. Others' attempts may have taken some of the places. */
  async #fillQueue(): Promise<void> {
    const attempts = Array.from({ length: backlog + 1 }, () => connect({ host: this.host, port: this.port }));
    this.#fill = attempts;
    const settled = attempts.map(
      (socket) => new Promise<void>((resolve) => socket.once("connect", resolve).on("error", () => resolve())),
    );
    for (const socket of attempts) socket.unref();
    await Promise.race([Promise.all(settled), new Promise((resolve) => setTimeout(resolve, 300))]);
  }

  #drain(): void {
    for (const socket of this.#fill) socket.destroy();
    this.#fill = [];
  }
}
