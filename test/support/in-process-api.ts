import { parseRequest } from "../sim/kube/request.ts";
import type { KubeSimulator } from "../sim/kube/simulator.ts";
import { WatchStream } from "../sim/kube/watch.ts";
import { type ApiAnswer, ApiClient, type ApiObject, type CallOptions, WatchRefused } from "./api-client.ts";

/**
 * The suite's client, served by the simulator without a socket: no faults, nothing logged, and on a virtual clock no
 * call is ever in flight. For hollow kubelets and fixtures.
 */
export class InProcessApi extends ApiClient {
  readonly #kube: KubeSimulator;

  constructor(kube: KubeSimulator) {
    super({ servers: [] });
    this.#kube = kube;
  }

  override async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<ApiAnswer> {
    options.signal?.throwIfAborted();
    const {
      code,
      body: answer,
      headers = {},
    } = this.#kube.call(method, path, body as object | undefined, options.contentType);
    return { status: code, body: structuredClone(answer), headers };
  }

  override async *watch(path: string, signal: AbortSignal): AsyncGenerator<{ type: string; object: ApiObject }> {
    const raw = { method: "GET", url: path, contentType: "", instance: "in-process" };
    const { kind, namespace, name, query } = parseRequest(raw, undefined);
    if (kind === undefined) throw new WatchRefused(404, path);
    const queue: string[] = [];
    let isOver = false;
    let wake: () => void = () => undefined;
    const sink = {
      write(text: string) {
        queue.push(text);
        wake();
      },
      end() {
        isOver = true;
        wake();
      },
    };
    const stream = new WatchStream(this.#kube.store, this.#kube.clock, { kind, namespace, name, query }, sink);
    const onAbort = () => wake();
    signal.addEventListener("abort", onAbort, { once: true });
    stream.start();
    try {
      for (;;) {
        for (let line = queue.shift(); line !== undefined; line = queue.shift()) yield JSON.parse(line);
        if (signal.aborted) throw signal.reason;
        if (isOver) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stream.stop();
      signal.removeEventListener("abort", onAbort);
    }
  }
}
