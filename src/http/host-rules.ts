import { isIP } from "node:net";
import { isLoopback } from "../util/loopback.ts";

/** Where a request claims to be sent, and whence. */
export interface Claims {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site, which browsers send. */
  readonly site: string | undefined;
  /** The connection itself is secure. */
  readonly isTls: boolean;
}

/**
 * Whether the Host header names this server. Another site's name that resolves to our address (DNS rebinding) must not:
 * the browser would take its scripts and our answers for one origin. An address needs no name, so it cannot be rebound.
 */
export function isOwnHost(host: string | undefined, boundTo: string, hostNames: readonly string[]): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  if (isLoopback(name) || hostNames.some((it) => it.toLowerCase() === name)) return true;
  return !isLoopback(boundTo) && isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

/** Whether a browser sent this for a page of another origin. Programs say nothing of an origin. */
export function isCrossSite({ host, origin, site, isTls }: Claims): boolean {
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  if (origin === undefined) return false;
  const from = URL.parse(origin);
  // of an insecure page anybody on the way may be the author
  if (from === null || (isTls && from.protocol !== "https:")) return true;
  return from.host.toLowerCase() !== withoutDefaultPort(host, from.protocol);
}

/** Without the port; undefined for what is no host. */
function hostName(host: string | undefined): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host?.toLowerCase() ?? "") ?? [];
  return name;
}

function withoutDefaultPort(host = "", protocol: string): string {
  return host.toLowerCase().replace(protocol === "https:" ? /:443$/ : /:80$/, "");
}
