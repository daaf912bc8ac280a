import { type ApiService, type Layout, password, urlOf } from "../services/layout.ts";
import { type Answer, type Body, call, refusal } from "./call.ts";

export interface OperatorAccount {
  readonly user: string;
  readonly project: string;
}

const versions: Partial<Record<ApiService, string>> = {
  nova: "compute 2.93",
  magnum: "container-infra 1.10",
  placement: "placement 1.39",
};

/**
 * Somebody who works at the services directly, past everything that counts and cuts the calls of the code under test.
 * A token that was revoked is replaced.
 */
export class Operator {
  readonly #layout: Layout;
  readonly #account: OperatorAccount;
  #token: Promise<string> | undefined;

  constructor(layout: Layout, account: OperatorAccount = { user: "admin", project: "admin" }) {
    this.#layout = layout;
    this.#account = account;
  }

  /** @returns the parsed body. @throws Error naming call, status and answer when it is refused */
  async do(method: string, service: ApiService, path: string, body?: unknown): Promise<Body> {
    return (await this.must(method, service, path, body)).body;
  }

  async must(method: string, service: ApiService, path: string, body?: unknown): Promise<Answer> {
    return succeeded(`${method} ${service} ${path}`, await this.ask(method, service, path, body));
  }

  /** Any status is an answer. @param path below the service's address, or a whole address */
  async ask(method: string, service: ApiService, path: string, body?: unknown): Promise<Answer> {
    const token = this.#login();
    const first = await this.#send(method, service, path, body, await token);
    if (first.status !== 401) return first;
    this.#forget(token);
    return this.#send(method, service, path, body, await this.#login());
  }

  async #send(method: string, service: ApiService, path: string, body: unknown, token: string): Promise<Answer> {
    const version = versions[service];
    const url = path.startsWith("http") ? path : `${urlOf(this.#layout, service)}${path}`;
    const headers = {
      "X-Auth-Token": token,
      ...(version === undefined ? {} : { "OpenStack-API-Version": version }),
    };
    return call({ method, url, body, headers });
  }

  /** A login that came to nothing is tried again by the next call: while tokens are being revoked, passwords are wrong. */
  #login(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    const token = this.#newToken();
    token.catch(() => this.#forget(token));
    this.#token = token;
    return token;
  }

  /** Unless another call has got a newer one meanwhile. */
  #forget(token: Promise<string>): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #newToken(): Promise<string> {
    const { user, project } = this.#account;
    const domain = { name: "Default" };
    const auth = {
      identity: { methods: ["password"], password: { user: { name: user, domain, password } } },
      scope: { project: { name: project, domain } },
    };
    const url = `${urlOf(this.#layout, "keystone")}/auth/tokens`;
    const answer = await call({ method: "POST", url, body: { auth } });
    if (answer.status !== 201) throw refusal(`login of ${user} in ${project}`, answer);
    return answer.headers.get("X-Subject-Token") ?? "";
  }
}

/** @throws Error naming what was asked and the answer, when it is a refusal */
export function succeeded(what: string, answer: Answer): Answer {
  if (answer.status >= 400) throw refusal(what, answer);
  return answer;
}
