import type { Ids } from "../ids.ts";
import type { Schedule } from "../schedule.ts";
import type { ApplicationCredential, Project, Token, Trust, User } from "./accounts.ts";

/** Who there is, and whose word is good: Keystone's memory. */
export class Identity {
  readonly users = new Map<string, User>();
  readonly projects = new Map<string, Project>();
  readonly credentials = new Map<string, ApplicationCredential>();
  readonly trusts = new Map<string, Trust>();
  readonly #tokens = new Map<string, Token>();
  readonly #roleIds = new Map<string, string>();
  readonly #ids: Ids;
  readonly #schedule: Schedule;
  readonly #tokenLifetimeMs: number;

  constructor(ids: Ids, schedule: Schedule, tokenLifetimeMs: number) {
    this.#ids = ids;
    this.#schedule = schedule;
    this.#tokenLifetimeMs = tokenLifetimeMs;
  }

  addProject(name: string): Project {
    const project = { id: this.#ids.hex(), name };
    this.projects.set(project.id, project);
    return project;
  }

  addUser(user: Omit<User, "id">): User {
    const made = { ...user, id: this.#ids.hex() };
    this.users.set(made.id, made);
    return made;
  }

  addCredential(wish: Omit<ApplicationCredential, "id">): ApplicationCredential {
    const credential = { ...wish, id: this.#ids.hex() };
    this.credentials.set(credential.id, credential);
    return credential;
  }

  addTrust(wish: Omit<Trust, "id">): Trust {
    const trust = { ...wish, id: this.#ids.hex() };
    this.trusts.set(trust.id, trust);
    return trust;
  }

  roleId(name: string): string {
    const id = this.#roleIds.get(name) ?? this.#ids.hex();
    this.#roleIds.set(name, id);
    return id;
  }

  /** Expires with its credential, or with the token from which it was made, when that is earlier. */
  issue(about: Omit<Token, "id" | "issuedAtWallMs" | "expiresAtWallMs">, notAfterWallMs?: number): Token {
    const issuedAtWallMs = Math.floor(this.#schedule.wallMs / 1000) * 1000;
    const ends = [issuedAtWallMs + this.#tokenLifetimeMs, notAfterWallMs, about.credential?.expiresAtWallMs];
    const expiresAtWallMs = Math.min(...ends.filter((end) => end !== undefined));
    const token = { ...about, id: this.#ids.secret("gAAAAAB"), issuedAtWallMs, expiresAtWallMs };
    this.#tokens.set(token.id, token);
    return token;
  }

  /** The token, unless it is unknown, expired, revoked, or what it rests on is gone. */
  validate(id: string | undefined): Token | undefined {
    const token = this.#tokens.get(id ?? "");
    if (token === undefined || token.expiresAtWallMs <= this.#schedule.wallMs) return undefined;
    if (token.credential !== undefined && !this.credentials.has(token.credential.id)) return undefined;
    if (token.trust !== undefined && !this.trusts.has(token.trust.id)) return undefined;
    return token;
  }

  isExpired(credential: ApplicationCredential): boolean {
    return credential.expiresAtWallMs !== undefined && credential.expiresAtWallMs <= this.#schedule.wallMs;
  }

  revoke(id: string): void {
    this.#tokens.delete(id);
  }

  revokeAll(): void {
    this.#tokens.clear();
  }
}
