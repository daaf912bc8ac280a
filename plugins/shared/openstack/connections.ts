import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** PEM texts for TLS. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly isInsecure: boolean;
}

const idleMs = 30_000;
const mostSockets = 16;

/**
 * The connections of one session with one set of certificates. Reads share kept connections. What changes something
 * gets a connection of its own: a kept one may be closed by the server just when it is written to, and then nobody
 * knows whether the call took place.
 */
export class Connections {
  readonly tls: TlsMaterial;
  readonly #kept: Readonly<Record<"http:" | "https:", HttpAgent>>;
  readonly #single: Readonly<Record<"http:" | "https:", HttpAgent>>;
  #inUse = 0;
  #isRetired = false;

  /** @param environment where HTTPS_PROXY, HTTP_PROXY and NO_PROXY stand, as for other OpenStack clients */
  constructor(tls: TlsMaterial, environment: Readonly<Record<string, string | undefined>>) {
    this.tls = tls;
    const proxyEnv = proxyEnvironment(environment);
    const { ca, cert, key, isInsecure } = tls;
    const secure = {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      rejectUnauthorized: !isInsecure,
    };
    const kept = { keepAlive: true, maxSockets: mostSockets, timeout: idleMs, proxyEnv };
    const single = { keepAlive: false, maxSockets: mostSockets, proxyEnv };
    this.#kept = { "http:": new HttpAgent(kept), "https:": new HttpsAgent({ ...kept, ...secure }) };
    this.#single = { "http:": new HttpAgent(single), "https:": new HttpsAgent({ ...single, ...secure }) };
  }

  /** Runs one exchange over the right kind of connection. */
  async use<T>(url: URL, isRead: boolean, run: (agent: HttpAgent) => Promise<T>): Promise<T> {
    this.#inUse += 1;
    try {
      return await run((isRead ? this.#kept : this.#single)[url.protocol === "https:" ? "https:" : "http:"]);
    } finally {
      this.#inUse -= 1;
      if (this.#isRetired && this.#inUse === 0) this.#destroy();
    }
  }

  /** Closes everything once the last exchange has ended. */
  retire(): void {
    this.#isRetired = true;
    if (this.#inUse === 0) this.#destroy();
  }

  #destroy(): void {
    for (const agents of [this.#kept, this.#single]) for (const agent of Object.values(agents)) agent.destroy();
  }
}

/** Proxies for everything but this machine itself. */
function proxyEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const of = (name: string) => environment[name.toLowerCase()] ?? environment[name];
  const [http, https] = [of("HTTP_PROXY"), of("HTTPS_PROXY")];
  const without = [of("NO_PROXY"), "localhost", "127.0.0.1", "::1"].filter(Boolean).join(",");
  return { ...(http && { HTTP_PROXY: http }), ...(https && { HTTPS_PROXY: https }), NO_PROXY: without };
}
