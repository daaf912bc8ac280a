import { systemClock } from "../../../src/app/clock.ts";
import type { CloudAccount } from "../../support/openstack-cloud.ts";

export interface CallerAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of several services
  readonly body: any;
}

const versions: Readonly<Record<string, string>> = {
  compute: "compute 2.79",
  "container-infra": "container-infra 1.10",
};

const answerWithinMs = 120_000;

/** Somebody with an account and nothing else, as the code under test is: finds the services in the catalog. */
export class Caller {
  readonly #account: CloudAccount;
  #login: Promise<{ readonly token: string; readonly urls: ReadonlyMap<string, string> }> | undefined;

  constructor(account: CloudAccount) {
    this.#account = account;
  }

  nova(method: string, path: string, body?: unknown, withinMs?: number): Promise<CallerAnswer> {
    return this.call("compute", method, path, body, withinMs);
  }

  /** @param type of the service in the catalog. @throws whatever fetch throws */
  async call(
    type: string,
    method: string,
    path: string,
    body?: unknown,
    withinMs = answerWithinMs,
  ): Promise<CallerAnswer> {
    const { token } = await this.#session();
    const version = versions[type];
    const headers = {
      "X-Auth-Token": token,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(version === undefined ? {} : { "OpenStack-API-Version": version }),
    };
    return send(method, `${await this.urlOf(type)}${path}`, body, headers, withinMs);
  }

  async urlOf(type: string): Promise<string> {
    return (await this.#session()).urls.get(type) ?? "";
  }

  forgetToken(): void {
    this.#login = undefined;
  }

  /** @returns the status that Keystone answers to an application credential */
  async login(credential: { readonly id: string; readonly secret: string }): Promise<number> {
    const identity = { methods: ["application_credential"], application_credential: credential };
    const answer = await send(
      "POST",
      `${this.#account.authUrl}/auth/tokens`,
      { auth: { identity } },
      {},
      answerWithinMs,
    );
    return answer.status;
  }

  #session() {
    this.#login ??= this.#newSession();
    return this.#login;
  }

  async #newSession() {
    const { authUrl, userId, password, projectId, region } = this.#account;
    const auth = {
      identity: { methods: ["password"], password: { user: { id: userId, password } } },
      scope: { project: { id: projectId } },
    };
    const answer = await send("POST", `${authUrl}/auth/tokens`, { auth }, {}, answerWithinMs);
    if (answer.status !== 201) throw new Error(`login: ${answer.status} ${JSON.stringify(answer.body)}`);
    const urls = new Map<string, string>();
    for (const { type, endpoints } of answer.body.token.catalog) {
      for (const endpoint of endpoints) {
        if (endpoint.interface === "public" && endpoint.region_id === region) urls.set(type, endpoint.url);
      }
    }
    return { token: answer.token, urls };
  }
}

async function send(
  method: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  withinMs: number,
): Promise<CallerAnswer & { readonly token: string }> {
  using deadline = systemClock.deadline(withinMs);
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(url, {
    method,
    headers: { ...type, ...headers },
    signal: deadline.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: parse(text), token: answer.headers.get("X-Subject-Token") ?? "" };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
