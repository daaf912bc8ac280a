import type { Person, PersonsRight, Reviews } from "../ports/reviews.ts";
import { FieldProblem, Fields } from "./json-fields.ts";
import type { KubeRest } from "./rest.ts";

/** TokenReview and SubjectAccessReview; the service account needs the right to create both. */
export class KubeReviews implements Reviews {
  readonly #rest: KubeRest;

  constructor(rest: KubeRest) {
    this.#rest = rest;
  }

  async whose(token: string, signal: AbortSignal): Promise<Person | undefined> {
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const path = "/apis/authentication.k8s.io/v1/tokenreviews";
    const { status } = await this.#rest.call({ method: "POST", path, resource: "tokenreviews", body, signal });
    return personOf(status);
  }

  async may({ name, uid, groups, extra }: Person, right: PersonsRight, signal: AbortSignal): Promise<boolean> {
    const { kind, ...attributes } = right;
    const asked = kind === "path" ? { nonResourceAttributes: attributes } : { resourceAttributes: attributes };
    const spec = { user: name, uid, groups, extra, ...asked };
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const { status } = await this.#rest.call({ method: "POST", path, resource: "subjectaccessreviews", body, signal });
    return (status as { readonly allowed?: unknown } | undefined)?.allowed === true;
  }
}

/** Whatever does not plainly say who it is, is nobody. */
function personOf(value: unknown): Person | undefined {
  try {
    const status = new Fields(value, "status");
    if (!status.has("authenticated") || !status.flag("authenticated")) return undefined;
    const user = status.child("user");
    const name = user?.text("username") ?? "";
    if (user === undefined || name === "") return undefined;
    const { groups = [], extra = {} } = (value as { user: { groups?: string[]; extra?: Record<string, string[]> } })
      .user;
    return { name, uid: user.textOr("uid", ""), groups, extra };
  } catch (error) {
    if (error instanceof FieldProblem) return undefined;
    throw error;
  }
}
