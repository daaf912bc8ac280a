import { fetch } from "undici";
import type { CloudAccount } from "./openstack-cloud.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of services that are under test
export type Json = any;

/** An answer as it came over the wire. `body` is undefined where it is no JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

interface Headers {
  get(name: string): string | null;
}

export interface HttpCall {
  readonly token?: string | undefined;
  readonly body?: unknown;
  /** As `compute 2.79`. */
  readonly version?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One plain call; redirects are not followed. */
export async function http(method: string, url: string, call: HttpCall = {}): Promise<HttpAnswer> {
  const headers: Record<string, string> = { ...call.headers };
  if (call.token !== undefined) headers["X-Auth-Token"] = call.token;
  if (call.version !== undefined) headers["OpenStack-API-Version"] = call.version;
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  const sent = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  const signal = call.signal === undefined ? {} : { signal: call.signal };
  const response = await fetch(url, { method, headers, redirect: "manual", ...sent, ...signal });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `auth.identity` for a password, by id. */
export function byPassword({ userId, password }: CloudAccount): Json {
  return { methods: ["password"], password: { user: { id: userId, password } } };
}

/** `auth.identity` for an application credential. */
export function byCredential({ id, secret }: { readonly id: string; readonly secret: string }): Json {
  return { methods: ["application_credential"], application_credential: { id, secret } };
}

export function inProject({ projectId }: CloudAccount): Json {
  return { project: { id: projectId } };
}

export function logIn(account: CloudAccount, identity: Json, scope?: Json): Promise<HttpAnswer> {
  return http("POST", `${account.authUrl}/auth/tokens`, { body: { auth: { identity, scope } } });
}

/** A logged-in healer that speaks plain HTTP: services by their type in the catalog. */
export class HttpSession {
  readonly account: CloudAccount;
  readonly token: string;
  readonly catalog: Json[];

  constructor(account: CloudAccount, answer: HttpAnswer) {
    this.account = account;
    this.token = answer.headers.get("x-subject-token") ?? "";
    this.catalog = answer.body?.token?.catalog ?? [];
  }

  static async open(account: CloudAccount): Promise<HttpSession> {
    return new HttpSession(account, await logIn(account, byPassword(account), inProject(account)));
  }

  has(type: string): boolean {
    return this.catalog.some((row) => row.type === type);
  }

  url(type: string): string {
    const row = this.catalog.find((it) => it.type === type);
    const endpoint = row?.endpoints.find(
      (it: Json) => it.interface === "public" && it.region_id === this.account.region,
    );
    if (endpoint === undefined) throw new Error(`no public endpoint of ${type} in ${this.account.region}`);
    return endpoint.url;
  }

  call(type: string, method: string, path: string, call: HttpCall = {}): Promise<HttpAnswer> {
    return http(method, this.url(type) + path, { token: this.token, ...call });
  }

  nova(method: string, path: string, body?: unknown, version = "2.79"): Promise<HttpAnswer> {
    return this.call("compute", method, path, { body, version: `compute ${version}` });
  }

  heat(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    return this.call("orchestration", method, path, { body });
  }

  magnum(method: string, path: string, body?: unknown, version: string | undefined = "1.10"): Promise<HttpAnswer> {
    return this.call("container-infra", method, path, { body, version: `container-infra ${version}` });
  }

  cinder(method: string, path: string): Promise<HttpAnswer> {
    return this.call("volumev3", method, path);
  }
}
