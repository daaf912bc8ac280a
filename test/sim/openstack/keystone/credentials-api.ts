import type { Fields } from "../../kube/object.ts";
import { empty, json } from "../http/answer.ts";
import type { Handler } from "../http/router.ts";
import type { ApplicationCredential, Token } from "../identity/accounts.ts";
import { microText } from "../times.ts";
import type { KeystoneCall } from "./api.ts";
import { forbidden, notFound, refuse, unauthorized } from "./errors.ts";

export const listCredentials: Handler<KeystoneCall> = (call, { user }) => {
  owner(call, user);
  const own = [...call.identity.credentials.values()].filter((it) => it.userId === user);
  return json(200, { application_credentials: own.map((it) => view(call, it)), links: {} });
};

export const createCredential: Handler<KeystoneCall> = (call, { user }, { body, origin }) => {
  const token = owner(call, user);
  if (token.credential?.isUnrestricted === false) throw forbidden(`${managing}.`);
  if (token.project === undefined) throw unauthorized(origin);
  const wish = body?.application_credential;
  if (typeof wish?.name !== "string") throw refuse(400, "'name' is a required property");
  const roles: string[] = wish.roles?.map((role: Fields) => role.name) ?? token.roles;
  if (!roles.every((role) => token.roles.includes(role))) {
    throw refuse(400, "Invalid application credential: Could not find role assignment with role.");
  }
  const credential = call.identity.addCredential({
    name: wish.name,
    secret: wish.secret ?? call.ids.secret(),
    userId: token.user.id,
    projectId: token.project.id,
    roles,
    expiresAtWallMs: wish.expires_at === undefined ? undefined : asUtc(wish.expires_at),
    isUnrestricted: wish.unrestricted === true,
  });
  return json(201, { application_credential: { ...view(call, credential), secret: credential.secret } });
};

export const deleteCredential: Handler<KeystoneCall> = (call, { user, id = "" }) => {
  const token = owner(call, user);
  if (token.credential?.isUnrestricted === false) throw forbidden(`${managing}.`);
  if (!call.identity.credentials.delete(id)) throw notFound("Application Credential", id);
  return empty(204);
};

const managing =
  "Using method 'application_credential' is not allowed for managing additional application credentials.";

function owner(call: KeystoneCall, user: string | undefined): Token {
  const token = call.caller();
  if (token.user.id !== user && !token.roles.includes("admin")) throw forbidden();
  return token;
}

function asUtc(text: string): number {
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
}

function view({ identity, request }: KeystoneCall, it: ApplicationCredential): Fields {
  return {
    id: it.id,
    name: it.name,
    description: null,
    user_id: it.userId,
    project_id: it.projectId,
    system: null,
    expires_at: it.expiresAtWallMs === undefined ? null : microText(it.expiresAtWallMs),
    unrestricted: it.isUnrestricted ? true : null,
    roles: it.roles.map((name) => ({ id: identity.roleId(name), name, domain_id: null, description: null })),
    links: { self: `${request.origin}/v3/application_credentials/${it.id}` },
  };
}
