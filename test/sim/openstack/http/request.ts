import type { IncomingHttpHeaders } from "node:http";
import type { Fields } from "../../kube/object.ts";

/** A call as a service sees it. */
export interface CloudRequest {
  readonly method: string;
  /** Below the service's root, with a leading slash, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Undefined: none, or no JSON. */
  readonly body: Fields | undefined;
  readonly isBroken: boolean;
  /** Address of the service's listener, without a path: for links. */
  readonly origin: string;
  readonly requestId: string;
}

export function headerOf(request: CloudRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
