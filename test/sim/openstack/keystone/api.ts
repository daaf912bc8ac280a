import type { Fields } from "../../kube/object.ts";
import { type CloudAnswer, empty, json, Refusal } from "../http/answer.ts";
import { type CloudRequest, headerOf } from "../http/request.ts";
import { findRoute, type Routes } from "../http/router.ts";
import type { Token } from "../identity/accounts.ts";
import type { Identity } from "../identity/identity.ts";
import type { Ids } from "../ids.ts";
import { type CatalogEntry, catalogView } from "./catalog.ts";
import { createCredential, deleteCredential, listCredentials } from "./credentials-api.ts";
import { notFound, refuse, unauthorized } from "./errors.ts";
import { logIn } from "./log-in.ts";
import { tokenView } from "./token-view.ts";
import { createTrust, deleteTrust } from "./trusts-api.ts";

/** What Keystone needs of the cloud. */
export interface KeystoneContext {
  readonly identity: Identity;
  readonly ids: Ids;
  catalog(): readonly CatalogEntry[];
}

export interface KeystoneCall extends KeystoneContext {
  readonly request: CloudRequest;
  /** @throws Refusal 401 */
  caller(): Token;
}

const routes: Routes<KeystoneCall> = {
  "POST /v3/auth/tokens": (context, _, { body, isBroken, origin }) => {
    const token = logIn(context.identity, body, isBroken, origin);
    return tokenAnswer(context, 201, token);
  },
  "GET /v3/auth/tokens": (context) => tokenAnswer(context, 200, subject(context)),
  "DELETE /v3/auth/tokens": (context) => {
    context.identity.revoke(subject(context).id);
    return empty(204);
  },
  "GET /v3/users/:user/application_credentials": listCredentials,
  "POST /v3/users/:user/application_credentials": createCredential,
  "DELETE /v3/users/:user/application_credentials/:id": deleteCredential,
  "POST /v3/OS-TRUST/trusts": createTrust,
  "DELETE /v3/OS-TRUST/trusts/:id": deleteTrust,
  "GET /v3": (_, __, { origin }) => json(200, { version: version(origin) }),
  "GET /": (_, __, { origin }) => json(300, { versions: { values: [version(origin)] } }, { Location: `${origin}/v3/` }),
};

/** Serves one call to Keystone. @throws Refusal */
export function serveKeystone(context: KeystoneContext, request: CloudRequest): CloudAnswer {
  const match = findRoute(routes, request.method, request.path);
  if (match === undefined)
    throw new Refusal(refuse(404, "(http://127.0.0.1/): The resource could not be found.").answer);
  const call: KeystoneCall = {
    ...context,
    request,
    caller() {
      const token = context.identity.validate(headerOf(request, "x-auth-token"));
      if (token === undefined) throw unauthorized(request.origin);
      return token;
    },
  };
  const answer = match.handler(call, match.parts, request);
  return { ...answer, headers: { Vary: "X-Auth-Token", ...answer.headers } };
}

function subject(call: KeystoneCall): Token {
  call.caller();
  const id = headerOf(call.request, "x-subject-token");
  const token = call.identity.validate(id);
  if (token === undefined) throw notFound("token", id ?? "");
  return token;
}

function tokenAnswer({ identity, ids, catalog }: KeystoneCall, status: number, token: Token): CloudAnswer {
  const entries = catalogView(catalog(), token.project?.id ?? "", ids);
  return json(status, tokenView(token, identity, entries), { "X-Subject-Token": token.id });
}

function version(origin: string): Fields {
  return {
    id: "v3.14",
    status: "stable",
    updated: "2020-04-07T00:00:00Z",
    links: [{ rel: "self", href: `${origin}/v3/` }],
    "media-types": [{ base: "application/json", type: "application/vnd.openstack.identity-v3+json" }],
  };
}
