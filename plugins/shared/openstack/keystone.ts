import { oneLine } from "../process/one-line.ts";
import { bodyOf, type Caller, headerOf } from "./caller.ts";
import { type CatalogEndpoint, readCatalog } from "./catalog.ts";
import type { CloudAccess } from "./cloud-access.ts";
import { OpenStackAuthError } from "./errors.ts";
import type { HttpAnswer } from "./exchange.ts";
import { faultText } from "./fault-text.ts";
import { tokenLifetimeMs } from "./token-dates.ts";

/** A token, and what Keystone said with it. */
export interface Token {
  /** Secret. */
  readonly id: string;
  readonly lifetimeMs: number;
  readonly projectId: string;
  readonly catalog: readonly CatalogEndpoint[];
  /** What it was got with. */
  readonly access: CloudAccess;
}

/**
 * Asks Keystone for a token (`POST /v3/auth/tokens`).
 *
 * @throws OpenStackAuthError `ask-operator` when it refuses, `retry` when it cannot be asked
 */
export async function logIn(caller: Caller, access: CloudAccess, signal: AbortSignal): Promise<Token> {
  const url = new URL(access.authUrl);
  url.pathname += "/auth/tokens";
  const what = `logging in to Keystone at ${access.authUrl.href} as ${access.request.who}`;
  const outcome = await caller.send(
    {
      service: "identity",
      method: "POST",
      url,
      headers: { accept: "application/json", "user-agent": "aceso" },
      body: access.request.body,
      // a token more harms nobody
      isRepeatable: true,
    },
    access,
    signal,
  );
  if (outcome.kind !== "answer") {
    throw new OpenStackAuthError(`${what}: ${oneLine(outcome.problem, 200, access.secrets)}`, "retry");
  }
  if (outcome.status === 201) return readToken(outcome, access, what);
  throw refusal(outcome, access, what);
}

function readToken(answer: HttpAnswer, access: CloudAccess, what: string): Token {
  const body = bodyOf(answer);
  const token = fieldOf(body, "token");
  const id = headerOf(answer.headers, "x-subject-token");
  if (id === undefined || id === "" || token === undefined) {
    throw new OpenStackAuthError(`${what}: the answer holds no token: is this Keystone v3?`, "retry");
  }
  const projectId = fieldOf(fieldOf(token, "project"), "id");
  if (typeof projectId !== "string") {
    throw new OpenStackAuthError(
      `${what}: the token is for no project, and ${access.request.kind === "password" ? "the user has no default one" : "none came with it"}; set openstack.project-id`,
      "ask-operator",
    );
  }
  const dates = { issued_at: fieldOf(token, "issued_at"), expires_at: fieldOf(token, "expires_at") };
  return { id, lifetimeMs: tokenLifetimeMs(dates), projectId, catalog: readCatalog(fieldOf(token, "catalog")), access };
}

function refusal(answer: HttpAnswer, { request, secrets }: CloudAccess, what: string): OpenStackAuthError {
  const { status } = answer;
  const said = faultText({ status, body: bodyOf(answer) }, secrets);
  // a page with status 200 comes from something that stands before Keystone just now
  const isTransient = status < 300 || status === 408 || status === 429 || status >= 500;
  const advice = isTransient
    ? ""
    : `; ${adviceFor(status, request.kind, request.keys, headerOf(answer.headers, "location"))}`;
  return new OpenStackAuthError(`${what}: ${said}${advice}`, isTransient ? "retry" : "ask-operator");
}

function adviceFor(
  status: number,
  kind: CloudAccess["request"]["kind"],
  keys: string,
  location: string | undefined,
): string {
  if (status >= 300 && status < 400) return `it redirects to ${location ?? "somewhere else"}: check openstack.auth-url`;
  const isDeleted = status === 404 && kind === "application-credential";
  if (isDeleted) return "the application credential was deleted, or belongs to another cloud: make a new one";
  if (status === 404 || status === 405) return "check openstack.auth-url";
  if (status === 403 && kind === "trust")
    return "the trust was given to another user: check openstack.trust-id and trustee-id";
  return `check ${keys}; each may also have expired or been deleted`;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
