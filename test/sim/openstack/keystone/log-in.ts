import type { Fields } from "../../kube/object.ts";
import { domain, type Project, type Token, type User, withImplied } from "../identity/accounts.ts";
import type { Identity } from "../identity/identity.ts";
import { forbidden, malformed, notFound, refuse, unauthorized } from "./errors.ts";

/** `POST /v3/auth/tokens`. @throws Refusal */
export function logIn(identity: Identity, body: Fields | undefined, isBroken: boolean, origin: string): Token {
  if (isBroken || body === undefined) throw refuse(400, `Expecting to find valid JSON in request body. ${malformed}`);
  const { identity: how, scope } = body.auth ?? {};
  if (!Array.isArray(how?.methods)) throw refuse(400, "'identity' is a required property");
  const method: unknown = how.methods[0];
  if (method === "application_credential") {
    if (scope !== undefined) {
      throw unauthorized(
        origin,
        "Error authenticating with application credential: Application credentials cannot request a scope.",
      );
    }
    return byCredential(identity, how.application_credential ?? {}, origin);
  }
  if (method === "token") return byToken(identity, how.token?.id, origin);
  if (method !== "password") throw refuse(400, `Expecting to find ${method} in identity. ${malformed}`);
  return byPassword(identity, how.password?.user ?? {}, scope, origin);
}

function byPassword(identity: Identity, given: Fields, scope: Fields | string | undefined, origin: string): Token {
  const user = findUser(identity, given);
  if (user === undefined || user.password !== given.password) throw unauthorized(origin);
  const plain = { methods: ["password"], credential: undefined, trust: undefined };
  if (scope === "unscoped") return identity.issue({ ...plain, user, project: undefined, roles: [] });
  if (typeof scope === "object" && scope["OS-TRUST:trust"] !== undefined) {
    return byTrust(identity, user, scope["OS-TRUST:trust"].id, origin);
  }
  const project =
    scope === undefined ? identity.projects.get(user.defaultProjectId ?? "") : findProject(identity, scope);
  if (project === undefined && scope === undefined) return identity.issue({ ...plain, user, project, roles: [] });
  const roles = user.roles[project?.id ?? ""];
  if (project === undefined || roles === undefined) throw unauthorized(origin);
  return identity.issue({ ...plain, user, project, roles: withImplied(roles) });
}

function byTrust(identity: Identity, trustee: User, trustId: string, origin: string): Token {
  const trust = identity.trusts.get(trustId);
  if (trust === undefined) throw unauthorized(origin);
  if (trust.trusteeId !== trustee.id) throw forbidden();
  const user = trust.isImpersonating ? identity.users.get(trust.trustorId) : trustee;
  const project = identity.projects.get(trust.projectId);
  if (user === undefined || project === undefined) throw unauthorized(origin);
  const roles = withImplied(trust.roles);
  return identity.issue({ methods: ["password"], user, project, roles, credential: undefined, trust });
}

function byCredential(identity: Identity, given: Fields, origin: string): Token {
  const user = given.user === undefined ? undefined : findUser(identity, given.user);
  const credential =
    given.id === undefined
      ? [...identity.credentials.values()].find((it) => it.name === given.name && it.userId === user?.id)
      : identity.credentials.get(given.id);
  if (credential === undefined) {
    throw given.id === undefined ? unauthorized(origin) : notFound("Application Credential", given.id);
  }
  const owner = identity.users.get(credential.userId);
  const project = identity.projects.get(credential.projectId);
  const token = { methods: ["application_credential"], roles: credential.roles, credential, trust: undefined };
  const isWrong = credential.secret !== given.secret || owner === undefined || project === undefined;
  if (isWrong || identity.isExpired(credential)) throw unauthorized(origin);
  return identity.issue({ ...token, user: owner, project });
}

function byToken(identity: Identity, id: string | undefined, origin: string): Token {
  const old = identity.validate(id);
  if (old === undefined) throw unauthorized(origin);
  if (old.trust !== undefined) throw forbidden(fromTrust);
  return identity.issue(
    { ...old, methods: ["token", ...old.methods.filter((one) => one !== "token")] },
    old.expiresAtWallMs,
  );
}

const fromTrust = "Using trust-scoped token to create another token. Create a new trust-scoped token instead.";

function findUser(identity: Identity, given: Fields): User | undefined {
  if (given.id !== undefined) return identity.users.get(given.id);
  if (!isDefault(given.domain)) return undefined;
  return [...identity.users.values()].find((user) => user.name === given.name);
}

function findProject(identity: Identity, scope: Fields | string): Project | undefined {
  const given = typeof scope === "string" ? undefined : scope.project;
  if (given?.id !== undefined) return identity.projects.get(given.id);
  if (!isDefault(given?.domain)) return undefined;
  return [...identity.projects.values()].find((project) => project.name === given.name);
}

function isDefault(given: Fields | undefined): boolean {
  return given?.id === domain.id || given?.name === domain.name;
}
