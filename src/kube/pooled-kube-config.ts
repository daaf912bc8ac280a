import { KubeConfig, type RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

type DispatcherOptions = ReturnType<KubeConfig["createDispatcherOptions"]>;

/** A backstop only: calls carry their own deadline, this ends the socket of a server that never answers a SYN. */
const connectTimeoutMs = 5_000;

/**
 * A KubeConfig whose calls share connections. The original builds a new undici Agent, so a new TLS connection, for each
 * call (client-node 2.0.1). One Agent is kept per distinct CA, certificate and key; HTTP/2 is off, because one dead
 * path would hold every call on it.
 */
export class PooledKubeConfig extends KubeConfig {
  readonly #injected: Dispatcher | undefined;
  #wanted: DispatcherOptions = { type: "none" };
  #pool: { readonly key: string; readonly dispatcher: Dispatcher } | undefined;

  /** @param injected carries every call instead of our own Agent, for tests that count or spoil calls */
  constructor(injected?: Dispatcher) {
    super();
    this.#injected = injected;
  }

  /** Remembers what kind of Agent is wanted, so that the original builds none. */
  override createDispatcherOptions(...args: Parameters<KubeConfig["createDispatcherOptions"]>): DispatcherOptions {
    this.#wanted = super.createDispatcherOptions(...args);
    return { type: "none" };
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    context.setDispatcher(this.#injected ?? this.#pooled(this.#wanted));
  }

  /** Goes on with the connections of a config that this one replaces. */
  takePoolOf(old: PooledKubeConfig): void {
    this.#pool = old.#pool;
    old.#pool = undefined;
  }

  /** The same cluster with connections of its own and without credentials. */
  withoutUser(): PooledKubeConfig {
    const config = new PooledKubeConfig(this.#injected);
    const cluster = this.getCurrentCluster();
    if (cluster !== null) config.loadFromClusterAndUser(cluster, { name: "nobody" });
    return config;
  }

  /** Ends all connections of our own Agent. */
  async close(): Promise<void> {
    await this.#pool?.dispatcher.destroy();
    this.#pool = undefined;
  }

  #pooled(wanted: DispatcherOptions): Dispatcher {
    const key = JSON.stringify(wanted);
    if (this.#pool?.key === key) return this.#pool.dispatcher;
    const old = this.#pool?.dispatcher;
    this.#pool = { key, dispatcher: build(wanted) };
    // A rotated certificate: calls on the old Agent end by themselves, and nobody waits for that.
    old?.close().catch(() => undefined);
    return this.#pool.dispatcher;
  }
}

const common = { allowH2: false, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 } as const;

function build(wanted: DispatcherOptions): Dispatcher {
  switch (wanted.type) {
    case "none":
      return new Agent({ ...common, connect: { timeout: connectTimeoutMs } });
    case "agent":
      return new Agent({ ...common, connect: { ...wanted.connect, timeout: connectTimeoutMs } as object });
    case "proxy":
      return new ProxyAgent({ ...common, uri: wanted.uri, requestTls: wanted.requestTls as object });
    case "socks":
      throw new Error("a SOCKS proxy in the kubeconfig (proxy-url) is not supported; use an HTTP proxy");
  }
}
