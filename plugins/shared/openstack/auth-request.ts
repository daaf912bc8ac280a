import type { CloudOptions } from "./settings.ts";

/** What Keystone is asked for a token with. */
export interface AuthRequest {
  /** The body of `POST /v3/auth/tokens`. */
  readonly body: unknown;
  /** For messages, without secrets, as `user healer`. */
  readonly who: string;
  /** Keys of the section that a refusal is likely about. */
  readonly keys: string;
  readonly kind: "password" | "application-credential" | "trust";
}

/** What is missing or contradictory, by the key of the section that would fill it. */
export interface AuthGap {
  readonly key: string;
  readonly message: string;
}

/**
 * Chooses the way to log in: a trust before an application credential before a password, as magnum-auto-healer does.
 *
 * @returns the request, or what it lacks
 */
export function authRequestOf(options: CloudOptions): AuthRequest | readonly AuthGap[] {
  if (options.trustId !== undefined) return trust(options, options.trustId);
  if (hasAppCredential(options)) return appCredential(options);
  return password(options);
}

export function isGaps(outcome: AuthRequest | readonly AuthGap[]): outcome is readonly AuthGap[] {
  return Array.isArray(outcome);
}

function hasAppCredential(options: CloudOptions): boolean {
  const { appCredentialId, appCredentialName, appCredentialSecret } = options;
  return [appCredentialId, appCredentialName, appCredentialSecret].some((option) => option !== undefined);
}

function password(options: CloudOptions): AuthRequest | readonly AuthGap[] {
  const user = userOf(options);
  const scope = scopeOf(options);
  const gaps = [
    ...("gap" in user ? [user.gap] : []),
    ...(options.password === undefined ? [gap("password", "missing: expected it or password-file")] : []),
    ...("gap" in scope ? [scope.gap] : []),
  ];
  if ("gap" in user || "gap" in scope || gaps.length > 0) return gaps;
  return {
    kind: "password",
    who: `user ${user.name}`,
    keys: "user, password, project and their domains",
    body: {
      auth: {
        identity: { methods: ["password"], password: { user: { ...user.fields, password: options.password } } },
        ...scope,
      },
    },
  };
}

function trust(options: CloudOptions, trustId: string): AuthRequest | readonly AuthGap[] {
  const { trusteeId } = options;
  const user = trusteeId === undefined ? userOf(options) : { name: trusteeId, fields: { id: trusteeId } };
  const secret = options.trusteePassword ?? options.password;
  const noSecret = "missing: expected it, trustee-password-file or password";
  const gaps = [
    ...("gap" in user ? [gap("trustee-id", "missing: expected it, user-id, or username with its domain")] : []),
    ...(secret === undefined ? [gap("trustee-password", noSecret)] : []),
  ];
  if ("gap" in user || gaps.length > 0) return gaps;
  return {
    kind: "trust",
    who: `trustee ${user.name} under trust ${trustId}`,
    keys: "trust-id, trustee-id and trustee-password",
    body: {
      auth: {
        identity: { methods: ["password"], password: { user: { ...user.fields, password: secret } } },
        scope: { "OS-TRUST:trust": { id: trustId } },
      },
    },
  };
}

/** Its project comes from the credential: Keystone refuses one that asks for a scope. */
function appCredential(options: CloudOptions): AuthRequest | readonly AuthGap[] {
  const { appCredentialId: id, appCredentialName: name, appCredentialSecret: secret } = options;
  const user = id === undefined ? userOf(options) : undefined;
  const noSecret = "missing: expected it or application-credential-secret-file";
  const noId = "missing: expected it, or application-credential-name with the user";
  const gaps = [
    ...(id === undefined && name === undefined ? [gap("application-credential-id", noId)] : []),
    ...(secret === undefined ? [gap("application-credential-secret", noSecret)] : []),
    ...(name !== undefined && user !== undefined && "gap" in user ? [user.gap] : []),
  ];
  if (gaps.length > 0) return gaps;
  const fields = user === undefined || "gap" in user ? { id } : { name, user: user.fields };
  return {
    kind: "application-credential",
    who: `application credential ${id ?? name}`,
    keys: "application-credential-id and application-credential-secret",
    body: {
      auth: { identity: { methods: ["application_credential"], application_credential: { ...fields, secret } } },
    },
  };
}

type User = { readonly name: string; readonly fields: object };

function userOf(options: CloudOptions): User | { readonly gap: AuthGap } {
  const { userId, username } = options;
  if (userId !== undefined) return { name: userId, fields: { id: userId } };
  if (username === undefined)
    return { gap: gap("user-id", "missing: expected it, or username with the user's domain") };
  const domain = domainOf(options.userDomainId, options.userDomainName, options);
  return domain === undefined
    ? { gap: gap("user-domain-name", "missing: expected it, user-domain-id, domain-id or domain-name with username") }
    : { name: username, fields: { name: username, domain } };
}

/** No project at all: the user's default project, if it has one. */
function scopeOf(options: CloudOptions): { readonly scope?: object } | { readonly gap: AuthGap } {
  const { projectId, projectName } = options;
  if (projectId !== undefined) return { scope: { project: { id: projectId } } };
  if (projectName === undefined) return {};
  const domain = domainOf(options.projectDomainId, options.projectDomainName, options);
  return domain === undefined
    ? {
        gap: gap(
          "project-domain-name",
          "missing: expected it, project-domain-id, domain-id or domain-name with project-name",
        ),
      }
    : { scope: { project: { name: projectName, domain } } };
}

function domainOf(id: string | undefined, name: string | undefined, { domainId, domainName }: CloudOptions) {
  if (id !== undefined) return { id };
  if (name !== undefined) return { name };
  if (domainId !== undefined) return { id: domainId };
  return domainName === undefined ? undefined : { name: domainName };
}

function gap(key: string, message: string): AuthGap {
  return { key, message };
}
