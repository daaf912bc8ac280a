/** A person or a program that may log in. All are in the domain Default. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  readonly defaultProjectId: string | undefined;
  /** Roles by project id. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

export interface Project {
  readonly id: string;
  readonly name: string;
}

export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly string[];
  readonly expiresAtWallMs: number | undefined;
  /** May it make and delete credentials and trusts. */
  readonly isUnrestricted: boolean;
}

export interface Trust {
  readonly id: string;
  readonly trustorId: string;
  readonly trusteeId: string;
  readonly projectId: string;
  readonly roles: readonly string[];
  readonly isImpersonating: boolean;
}

export interface Token {
  readonly id: string;
  readonly methods: readonly string[];
  readonly user: User;
  /** Undefined: unscoped. */
  readonly project: Project | undefined;
  readonly roles: readonly string[];
  readonly issuedAtWallMs: number;
  readonly expiresAtWallMs: number;
  readonly credential: ApplicationCredential | undefined;
  readonly trust: Trust | undefined;
}

export const domain = { id: "default", name: "Default" } as const;

/** Roles that come with another one. */
export function withImplied(roles: readonly string[]): string[] {
  const all = new Set(roles);
  if (all.has("admin")) all.add("member");
  if (all.has("member")) all.add("reader");
  return [...all];
}
