import type { Answer } from "./api.ts";
import { ApiError } from "./api-error.ts";
import type { Fields } from "./object.ts";
import type { ApiRequest } from "./request.ts";

/** Somebody who shows a token. */
export interface SimulatedPerson {
  readonly name: string;
  readonly groups?: readonly string[];
  /** Asked with resourceAttributes or nonResourceAttributes, as access reviews have them. */
  readonly isAllowed: (attributes: Fields) => boolean;
}

/** People by their token. What they send with it is held to their rights; all other callers may do everything. */
export class People {
  readonly #byToken = new Map<string, SimulatedPerson>();

  put(token: string, person: SimulatedPerson): void {
    this.#byToken.set(token, person);
  }

  remove(token: string): void {
    this.#byToken.delete(token);
  }

  /** @throws ApiError 403 */
  requireRight(token: string | undefined, request: ApiRequest): void {
    const person = token === undefined ? undefined : this.#byToken.get(token);
    if (person === undefined) return;
    const asked = attributesOf(request);
    if (person.isAllowed(asked)) return;
    const message = `User "${person.name}" cannot ${asked.verb} resource "${asked.resource}"`;
    throw new ApiError(403, "Forbidden", message, {});
  }

  /** TokenReview and SubjectAccessReview; undefined: the request is neither. */
  review(request: ApiRequest): Answer | undefined {
    if (request.method !== "POST") return undefined;
    const { spec = {} } = request.body ?? {};
    const answer = (status: Fields) => ({ code: 201, body: { ...request.body, status } });
    if (request.path === "/apis/authentication.k8s.io/v1/tokenreviews") return answer(this.#whose(spec.token));
    if (request.path !== "/apis/authorization.k8s.io/v1/subjectaccessreviews") return undefined;
    const person = [...this.#byToken.values()].find(({ name }) => name === spec.user);
    const asked = spec.resourceAttributes ?? spec.nonResourceAttributes ?? {};
    return answer({ allowed: person?.isAllowed(asked) === true });
  }

  #whose(token: string): Fields {
    const person = this.#byToken.get(token);
    if (person === undefined) return { user: {}, error: "[invalid bearer token, token lookup failed]" };
    const { name, groups = [] } = person;
    return {
      authenticated: true,
      user: { username: name, uid: `uid of ${name}`, groups: [...groups, "system:authenticated"] },
    };
  }
}

const verbs: Readonly<Record<string, string>> = {
  GET: "get",
  POST: "create",
  PATCH: "patch",
  PUT: "update",
  DELETE: "delete",
};

function attributesOf({ method, kind, namespace, name }: ApiRequest): Fields {
  return {
    verb: verbs[method] ?? method,
    group: kind?.group ?? "",
    resource: kind?.plural ?? "",
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
}
