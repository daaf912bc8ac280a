import type { IncomingHttpHeaders } from "node:http";

/**
 * Which instance of a client sent a request: the bearer token up to its first dot (`a.1` and `a.2` are two tokens of
 * instance `a`), else the User-Agent.
 */
export function instanceOf(headers: IncomingHttpHeaders): string {
  const token = tokenOf(headers);
  if (token !== undefined) return token.split(".")[0] ?? token;
  return headers["user-agent"] ?? "anonymous";
}

export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
}
