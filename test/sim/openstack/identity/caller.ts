import { json, Refusal } from "../http/answer.ts";
import { type CloudRequest, headerOf } from "../http/request.ts";
import type { Token } from "./accounts.ts";
import type { Identity } from "./identity.ts";

/** Who asks a service, by its token. */
export interface Caller {
  readonly userId: string;
  readonly userName: string;
  readonly projectId: string;
  readonly isAdmin: boolean;
  readonly token: Token;
}

/**
 * What stands before Nova, Heat, Magnum and Cinder.
 *
 * @throws Refusal 401 for a missing, unknown, expired, revoked or unscoped token
 */
export function authenticate(identity: Identity, request: CloudRequest, keystoneUrl: string): Caller {
  const token = identity.validate(headerOf(request, "x-auth-token"));
  if (token?.project === undefined) throw unauthorized(keystoneUrl);
  return {
    userId: token.user.id,
    userName: token.user.name,
    projectId: token.project.id,
    isAdmin: token.roles.includes("admin"),
    token,
  };
}

function unauthorized(keystoneUrl: string): Refusal {
  const message = "The request you have made requires authentication.";
  const body = { error: { code: 401, title: "Unauthorized", message } };
  return new Refusal(json(401, body, { "WWW-Authenticate": `Keystone uri="${keystoneUrl}"` }));
}
