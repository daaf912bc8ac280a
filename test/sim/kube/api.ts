import type { Clock } from "../../../src/ports/clock.ts";
import { ApiError, badRequest, noSuchResource } from "./api-error.ts";
import { evict } from "./eviction.ts";
import type { Lists } from "./lists.ts";
import type { Fields } from "./object.ts";
import type { People } from "./people.ts";
import { removalOptions, remove, removedStatus } from "./removal.ts";
import type { ApiRequest } from "./request.ts";
import type { Store } from "./store.ts";
import { create, isDryRun, patch, replace, required, type Target } from "./writes.ts";

/** An answer: an object, sent as JSON, or plain text. */
export interface Answer {
  readonly code: number;
  readonly body: Fields | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiContext {
  readonly store: Store;
  readonly lists: Lists;
  readonly clock: Clock;
  /** Of /version. */
  readonly gitVersion: string;
  /** What SelfSubjectAccessReview says of resourceAttributes. */
  readonly isAllowed: (attributes: Fields) => boolean;
  readonly people: People;
}

/** Answers everything but watches. Never throws an ApiError: refusals are answers too. */
export function answer(context: ApiContext, request: ApiRequest): Answer {
  try {
    return route(context, request);
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    throw error;
  }
}

export function refusal(error: ApiError): Answer {
  return { code: error.code, body: error.toStatus(), headers: error.headers };
}

function route(context: ApiContext, request: ApiRequest): Answer {
  if (request.kind === undefined) return special(context, request);
  if (request.kind.isNamespaced && request.namespace === undefined && request.name !== undefined)
    throw noSuchResource();
  return request.name === undefined ? onCollection(context, request) : onObject(context, request, request.name);
}

function onCollection(context: ApiContext, request: ApiRequest): Answer {
  const kind = request.kind;
  if (kind === undefined) throw noSuchResource();
  if (request.method === "GET") return { code: 200, body: context.lists.read(kind, request.namespace, request.query) };
  if (request.method !== "POST") throw notAllowed();
  if (kind.isNamespaced && request.namespace === undefined) throw notAllowed();
  const place = { kind, namespace: request.namespace, isDryRun: isDryRun(request.query) };
  return { code: 201, body: create(context.store, context.clock, place, bodyOf(request)) };
}

function onObject(context: ApiContext, request: ApiRequest, name: string): Answer {
  const { store, clock } = context;
  const { kind, namespace, subresource } = request;
  if (kind === undefined) throw noSuchResource();
  if (subresource === "eviction" && kind.plural === "pods" && request.method === "POST") {
    return { code: 201, body: evict(store, clock, namespace ?? "", name, bodyOf(request)) };
  }
  if (subresource !== undefined && !(subresource === "status" && kind.hasStatus)) throw noSuchResource();
  const target: Target = { kind, namespace, name, subresource, isDryRun: isDryRun(request.query) };
  switch (request.method) {
    case "GET":
      return { code: 200, body: required(store, target) };
    case "PUT":
      return { code: 200, body: replace(store, clock, target, bodyOf(request)) };
    case "PATCH":
      return { code: 200, body: patch(store, target, request.contentType, bodyOf(request)) };
    case "DELETE": {
      const found = required(store, target);
      const left = remove(store, clock, kind, found, removalOptions(request.query, request.body));
      return { code: 200, body: left ?? removedStatus(kind, found) };
    }
    default:
      throw notAllowed();
  }
}

function bodyOf(request: ApiRequest): Fields {
  if (request.body === undefined) throw badRequest("the body of the request is not a JSON object");
  return request.body;
}

function notAllowed(): ApiError {
  return new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {
    details: {},
  });
}

function special(context: ApiContext, request: ApiRequest): Answer {
  const review = context.people.review(request);
  if (review !== undefined) return review;
  if (["/readyz", "/livez", "/healthz"].includes(request.path)) return { code: 200, body: "ok" };
  if (request.path === "/version") {
    const [, major = "1", minor = "0"] = /^v(\d+)\.(\d+)/.exec(context.gitVersion) ?? [];
    return { code: 200, body: { major, minor, gitVersion: context.gitVersion, platform: "linux/amd64" } };
  }
  if (
    /^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews$/.test(request.path) &&
    request.method === "POST"
  ) {
    const body = bodyOf(request);
    const allowed = context.isAllowed(body.spec?.resourceAttributes ?? body.spec?.nonResourceAttributes ?? {});
    return {
      code: 201,
      body: { ...body, apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", status: { allowed } },
    };
  }
  throw noSuchResource();
}
