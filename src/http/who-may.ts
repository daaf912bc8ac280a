import type { IncomingMessage } from "node:http";
import type { Person, PersonsRight, Reviews } from "../ports/reviews.ts";
import { Refusal } from "./refusal.ts";

/** Somebody who showed a token, which is used for what he asks for. */
export interface Caller {
  readonly person: Person;
  readonly token: string;
}

/**
 * What readers need where they need a token: `get` on one of these paths, as a ClusterRole's nonResourceURLs
 * grants it. Not the API's own path: below /api every authenticated user may read (ClusterRole system:discovery).
 */
export const readingPaths = { metrics: "/metrics", page: "/aceso/status-page" } as const;

export interface WhoMayOptions {
  readonly reviews: Reviews;
  /** False: whoever reaches the server may read. */
  readonly readersNeedToken: boolean;
  /** Of the server. */
  readonly signal: AbortSignal;
}

/** Who a request comes from and what he may do. */
export class WhoMay {
  readonly #options: WhoMayOptions;

  constructor(options: WhoMayOptions) {
    this.#options = options;
  }

  /** @throws Refusal 401, 403, 429, 503 */
  async requireReader(request: IncomingMessage, what: keyof typeof readingPaths): Promise<void> {
    if (!this.#options.readersNeedToken) return;
    const caller = await this.caller(request);
    await this.require(caller, [{ kind: "path", path: readingPaths[what], verb: "get" }]);
  }

  /** @throws Refusal 401, 429; 503 when the API server cannot be asked */
  async caller(request: IncomingMessage): Promise<Caller> {
    const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(request.headers.authorization ?? "") ?? [];
    if (token === undefined) throw unauthorized("a bearer token is needed: Authorization: Bearer …");
    const person = await this.#options.reviews.whose(token, this.#options.signal);
    if (person === undefined) throw unauthorized("the API server does not accept this token");
    return { person, token };
  }

  /** @throws Refusal 403, 429; 503 when the API server cannot be asked */
  async require({ person }: Caller, rights: readonly PersonsRight[]): Promise<void> {
    for (const right of rights) {
      if (await this.may(person, right)) continue;
      throw new Refusal(403, "forbidden", `${person.name} may not ${rightText(right)}`);
    }
  }

  may(person: Person, right: PersonsRight): Promise<boolean> {
    return this.#options.reviews.may(person, right, this.#options.signal);
  }
}

function unauthorized(message: string): Refusal {
  return new Refusal(401, "unauthorized", message, { "www-authenticate": 'Bearer realm="aceso"' });
}

function rightText(right: PersonsRight): string {
  if (right.kind === "path") return `${right.verb} ${right.path} (nonResourceURLs)`;
  const { verb, group, resource, name, namespace } = right;
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return `${verb} ${group === "" ? resource : `${resource}.${group}`}${name === undefined ? "" : ` ${name}`}${where}`;
}
