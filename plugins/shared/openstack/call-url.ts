import type { OpenStackCall } from "./call.ts";
import { join } from "./catalog.ts";
import { OpenStackCatalogError } from "./errors.ts";

/**
 * The address of one call. A full URL, as links in answers hold, is taken apart and put below our endpoint: services
 * behind a proxy write links with other hosts, and a token goes nowhere but to the endpoint.
 *
 * @throws OpenStackCatalogError when a full URL does not belong to this service
 */
export function urlOf(endpoint: URL, { service, path, query }: Pick<OpenStackCall, "service" | "path" | "query">): URL {
  const { below, search } = /^https?:\/\//i.test(path) ? belowEndpoint(endpoint, path, service) : split(path);
  const url = new URL(endpoint);
  url.pathname = join(endpoint.pathname, below);
  // Whatever `..` does to a path, it must not leave the endpoint.
  if (!isBelow(url.pathname, endpoint.pathname)) throw foreign(service, path);
  url.search = search;
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.append(name, value);
  return url;
}

function split(path: string): { below: string; search: string } {
  const at = path.indexOf("?");
  return at < 0 ? { below: path, search: "" } : { below: path.slice(0, at), search: path.slice(at) };
}

/** What follows the longest end of the endpoint's path with which the link's path begins: `/x/v1/P` and `/v1/P/stacks`. */
function belowEndpoint(endpoint: URL, link: string, service: string): { below: string; search: string } {
  const url = URL.parse(link);
  if (url === null) throw foreign(service, link);
  const segments = endpoint.pathname.split("/").filter((segment) => segment !== "");
  if (url.origin === endpoint.origin && isBelow(url.pathname, endpoint.pathname)) {
    return { below: url.pathname.slice(endpoint.pathname.replace(/\/+$/, "").length), search: url.search };
  }
  const path = url.pathname.split("/").filter((segment) => segment !== "");
  for (let from = 0; from < segments.length; from += 1) {
    const tail = segments.slice(from);
    for (let at = 0; at + tail.length <= path.length; at += 1) {
      if (tail.every((segment, index) => path[at + index] === segment)) {
        return { below: `/${path.slice(at + tail.length).join("/")}`, search: url.search };
      }
    }
  }
  throw foreign(service, link);
}

function isBelow(path: string, base: string): boolean {
  const prefix = base.replace(/\/+$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
}

function foreign(service: string, link: string): Error {
  return new OpenStackCatalogError(`${link} is not an address of ${service}: nothing was sent there`);
}
