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
    const first = await this.#send(method, service, path, body);
    if (first.status !== 401) return first;
    this.#token = undefined;
    return this.#send(method, service, path, body);
  }

  async #send(method: string, service: ApiService, path: string, body: unknown): Promise<Answer> {
    const version = versions[service];
    const url = path.startsWith("http") ? path : `${urlOf(this.#layout, service)}${path}`;
    const headers = {
      "X-Auth-Token": await this.#login(),
      ...(version === undefined ? {} : { "OpenStack-API-Version": version }),
    };
    return call({ method, url, body, headers });
  }

  #login(): Promise<string> {
    this.#token ??= this.#newToken();
    return this.#token;
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
