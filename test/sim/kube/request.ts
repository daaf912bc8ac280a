import { findKind, type Kind } from "./kinds.ts";
import type { Fields } from "./object.ts";

/** A request after its path was understood. `kind` is undefined for paths that are no resource. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Who asks: see `instance.ts`. */
  readonly instance: string;
  readonly contentType: string;
  readonly body: Fields | undefined;
  readonly kind: Kind | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly isWatch: boolean;
  /** Changes something if it succeeds. */
  readonly isWrite: boolean;
}

const resourcePath =
  /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const namespacePath = /^\/api\/v1\/namespaces\/([^/]+)(?:\/(status|finalize))?$/;

export function parseRequest(
  raw: { method: string; url: string; contentType: string; instance: string },
  body: Fields | undefined,
): ApiRequest {
  const url = new URL(raw.url, "http://simulated");
  const target = parsePath(url.pathname);
  const isReview = /^\/apis\/(authorization|authentication)\.k8s\.io\//.test(url.pathname);
  return {
    method: raw.method,
    path: url.pathname,
    query: url.searchParams,
    instance: raw.instance,
    contentType: raw.contentType,
    body,
    ...target,
    isWatch: raw.method === "GET" && isTrue(url.searchParams.get("watch")),
    isWrite: raw.method !== "GET" && !isReview && !url.searchParams.has("dryRun"),
  };
}

type Target = Pick<ApiRequest, "kind" | "namespace" | "name" | "subresource">;

function parsePath(path: string): Target {
  const aNamespace = namespacePath.exec(path);
  if (aNamespace !== null) {
    return {
      kind: findKind("", "v1", "namespaces"),
      namespace: undefined,
      name: part(aNamespace[1]),
      subresource: aNamespace[2],
    };
  }
  const match = resourcePath.exec(path);
  if (match === null) return { kind: undefined, namespace: undefined, name: undefined, subresource: undefined };
  const kind = findKind(match[2] ?? "", match[1] ?? match[3] ?? "", match[5] ?? "");
  return { kind, namespace: part(match[4]), name: part(match[6]), subresource: match[7] };
}

function part(text: string | undefined): string | undefined {
  return text === undefined ? undefined : decodeURIComponent(text);
}

export function isTrue(value: string | null): boolean {
  return value === "true" || value === "1";
}
