import { existsSync } from "node:fs";
import { HttpMethod, type KubeConfig, RequestContext } from "@kubernetes/client-node";
import type { Dispatcher } from "undici";
import { AcesoError, messageOf } from "../core/errors.ts";
import { PooledKubeConfig } from "./pooled-kube-config.ts";

/** Where the API servers and the credentials come from. */
export interface AccessOptions {
  /** Path of a kubeconfig. Absent: $KUBECONFIG, then the pod's own service account, then ~/.kube/config. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Base addresses instead of the kubeconfig's one, the preferred first. */
  readonly servers?: readonly string[] | undefined;
  /** Carries every call instead of our own pool, for tests. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** The kubeconfig or the pod's service account cannot be used. */
export class KubeAccessError extends AcesoError {
  readonly code = "ACESO_KUBE_ACCESS";
  readonly remedy = "ask-operator";
}

/** What one call needs beside its own path. */
export interface Authorized {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** Addresses and credentials of one cluster. */
export class KubeAccess {
  readonly servers: readonly string[];
  /** Namespace of the context or of the pod, undefined when neither names one. */
  readonly namespace: string | undefined;
  readonly #load: () => PooledKubeConfig;
  #config: PooledKubeConfig;
  #people: PooledKubeConfig | undefined;

  constructor(load: () => PooledKubeConfig, servers?: readonly string[]) {
    this.#load = load;
    this.#config = load();
    const own = this.#config.getCurrentCluster()?.server;
    const wanted = servers?.length ? servers : own ? [own] : [];
    if (wanted.length === 0) throw new KubeAccessError(`the kubeconfig names no API server for its current context`);
    this.servers = wanted.map(withoutSlash);
    this.namespace = this.#config.getContextObject(this.#config.currentContext)?.namespace;
  }

  /** What the kubeconfig calls its user; the server may know that user by another name. */
  get userName(): string | undefined {
    return this.#config.getCurrentUser()?.name;
  }

  /** Headers and connections for a call. @throws KubeAccessError when a credential cannot be read or made */
  authorize(): Promise<Authorized> {
    return authorized(this.#config, this.servers);
  }

  /**
   * The same servers and their certificates for somebody who shows this token. Nothing of our own credentials goes
   * along: a client certificate would speak louder than the token. Connections are shared by all such people.
   *
   * @throws KubeAccessError
   */
  async authorizeAs(token: string): Promise<Authorized> {
    this.#people ??= this.#config.withoutUser();
    const { headers, dispatcher } = await authorized(this.#people, this.servers);
    return { headers: { ...headers, authorization: `Bearer ${token}` }, dispatcher };
  }

  /** Reads token, certificate and kubeconfig again at the next call; after a 401. Open connections stay. */
  renew(): void {
    try {
      const fresh = this.#load();
      fresh.takePoolOf(this.#config);
      this.#config = fresh;
    } catch {
      // The file is being replaced at this moment: the old credentials stay, and the next 401 tries again.
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#config.close();
    await this.#people?.close();
  }
}

async function authorized(config: PooledKubeConfig, servers: readonly string[]): Promise<Authorized> {
  const context = new RequestContext(`${servers[0]}/`, HttpMethod.GET);
  try {
    await config.applySecurityAuthentication(context);
  } catch (error) {
    throw new KubeAccessError(`credentials of the API server could not be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const dispatcher = context.getDispatcher();
  if (dispatcher === undefined) throw new KubeAccessError("the kubeconfig gave no connection pool");
  return { headers: context.getHeaders(), dispatcher };
}

/** Finds the credentials as kubectl does, but prefers the pod's own service account to ~/.kube/config. @throws KubeAccessError */
export function openAccess(options: AccessOptions, env: NodeJS.ProcessEnv = process.env): KubeAccess {
  const load = () => {
    const config = new PooledKubeConfig(options.dispatcher);
    try {
      loadInto(config, options, env);
    } catch (error) {
      throw new KubeAccessError(`kubeconfig could not be loaded: ${messageOf(error)}`, { cause: error });
    }
    if (options.context !== undefined) config.setCurrentContext(options.context);
    if (config.getCurrentCluster() === null) {
      throw new KubeAccessError(
        `no API server: context ${JSON.stringify(config.currentContext ?? "")} is not in the kubeconfig; name one with --kubeconfig and --context`,
      );
    }
    return config;
  };
  return new KubeAccess(load, options.servers);
}

/** Access to plain http:// servers without credentials, for simulators. */
export function plainAccess(servers: readonly string[], dispatcher?: Dispatcher): KubeAccess {
  return new KubeAccess(() => {
    const config = new PooledKubeConfig(dispatcher);
    const cluster = { name: "plain", server: servers[0] ?? "", skipTLSVerify: true };
    config.loadFromClusterAndUser(cluster, { name: "nobody" });
    return config;
  }, servers);
}

function loadInto(config: KubeConfig, options: AccessOptions, env: NodeJS.ProcessEnv): void {
  const home = env.HOME ?? "";
  if (options.kubeconfig !== undefined) config.loadFromFile(options.kubeconfig);
  else if (env.KUBECONFIG) config.loadFromDefault();
  else if (env.KUBERNETES_SERVICE_HOST) config.loadFromCluster();
  else if (existsSync(`${home}/.kube/config`)) config.loadFromFile(`${home}/.kube/config`);
  else throw new Error("neither --kubeconfig, $KUBECONFIG, a service account nor ~/.kube/config is there");
}

function withoutSlash(server: string): string {
  return server.replace(/\/+$/, "");
}
