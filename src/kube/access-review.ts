import type { KubeRest } from "./rest.ts";
import { KubeCallError, UnauthorizedError } from "./status-error.ts";

/** What a review asks about. */
export interface ReviewedRight {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly group: string;
  /** With its subresource, as `pods/eviction`. */
  readonly resource: string;
  readonly verb: string;
  readonly name: string | undefined;
}

/**
 * Whether a user may do something. Asks the server and changes nothing.
 *
 * @param user undefined: the caller itself (SelfSubjectAccessReview); else a service account's user name
 *   (SubjectAccessReview, which needs a right of its own)
 * @throws KubeCallError
 */
export async function reviewAccess(
  rest: KubeRest,
  right: ReviewedRight,
  user: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const [resource = "", subresource] = right.resource.split("/");
  const { namespace, group, verb, name } = right;
  const resourceAttributes = {
    group,
    resource,
    verb,
    ...(subresource !== undefined && { subresource }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
  const kind = user === undefined ? "SelfSubjectAccessReview" : "SubjectAccessReview";
  const plural = `${kind.toLowerCase()}s`;
  const spec = { resourceAttributes, ...(user !== undefined && { user, groups: groupsOf(user) }) };
  const body = { apiVersion: "authorization.k8s.io/v1", kind, spec };
  const path = `/apis/authorization.k8s.io/v1/${plural}`;
  const { status } = await rest.call({ method: "POST", path, resource: plural, body, signal });
  return (status as { readonly allowed?: unknown } | undefined)?.allowed === true;
}

/** Groups that the server gives a service account. */
function groupsOf(user: string): readonly string[] {
  const namespace = user.split(":")[2] ?? "";
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
}

/**
 * The caller as the server knows it, by a SelfSubjectReview (served from 1.28).
 *
 * @returns undefined when the server does not say
 * @throws UnauthorizedError
 */
export async function callerName(rest: KubeRest, signal: AbortSignal): Promise<string | undefined> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  try {
    const { status } = await rest.call({ method: "POST", path, resource: "selfsubjectreviews", body, signal });
    const name = (status as { userInfo?: { username?: unknown } } | undefined)?.userInfo?.username;
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch (error) {
    if (!(error instanceof KubeCallError) || error instanceof UnauthorizedError) throw error;
    return undefined;
  }
}
