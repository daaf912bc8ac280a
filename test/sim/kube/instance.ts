import type { IncomingHttpHeaders } from "node:http";

/** Header by which a counting agent numbers its calls (test/support/counting-agent.ts). */
export const callHeader = "x-aceso-call";
/** Header by which a counting agent names its instance. */
export const instanceHeader = "x-aceso-instance";

/**
 * Which instance of a client sent a request: the name that its counting agent was given, or the bearer token up to its
 * first dot (`a.1` and `a.2` are two tokens of instance `a`), else the User-Agent.
 */
export function instanceOf(headers: IncomingHttpHeaders): string {
  const named = headers[instanceHeader];
  if (typeof named === "string") return named;
  const token = tokenOf(headers);
  if (token !== undefined) return token.split(".")[0] ?? token;
  return headers["user-agent"] ?? "anonymous";
}

export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
}
