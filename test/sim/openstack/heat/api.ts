import type { Fields } from "../../kube/object.ts";
import { type CloudAnswer, json, page } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import { findRoute, type PathParts, type Routes } from "../http/router.ts";
import type { Caller } from "../identity/caller.ts";
import type { Stacks } from "../orchestration/stacks.ts";
import { type HeatCall, noStack, redirect, refuse } from "./context.ts";
import { type AnyStack, findInTree, type Resource, treeOf } from "./tree.ts";
import { hrefOf, resourceRow, stackRow, stackView } from "./views.ts";

const stackPath = "/v1/:project/stacks/:name/:id";

const routes: Routes<HeatCall> = {
  "GET /v1/:project/stacks": (call) => {
    const own = [...call.stacks.all.values()].filter(({ projectId }) => projectId === call.caller.projectId);
    return json(200, { stacks: own.map((stack) => stackRow(call, treeOf(stack))) });
  },
  [`GET ${stackPath}`]: (call, parts) => json(200, { stack: stackView(call, stackOf(call, parts)) }),
  [`PATCH ${stackPath}`]: (call, parts) => {
    const stack = stackOf(call, parts);
    if (stack.id === stack.root.id) call.stacks.update(stack.root);
    return page(202, "Accepted", "The request is accepted for processing.");
  },
  [`GET ${stackPath}/resources`]: (call, parts, { query }) => {
    const depth = Number(query.get("nested_depth") ?? 0);
    const types = query.getAll("type");
    const rows = rowsOf(call, stackOf(call, parts), depth);
    // Heat matches types as beginnings
    const isWanted = (row: Fields) => types.length === 0 || types.some((type) => row.resource_type.startsWith(type));
    return json(200, { resources: rows.filter(isWanted) });
  },
  [`GET ${stackPath}/resources/:resource`]: (call, parts) => {
    const stack = stackOf(call, parts);
    const resource = resourceOf(stack, parts);
    return json(200, { resource: { ...resourceRow(call, stack, resource), description: "", attributes: {} } });
  },
  [`PATCH ${stackPath}/resources/:resource`]: (call, parts, { body }) => mark(call, parts, body),
};

/** What Heat needs of the cloud. */
export interface HeatContext {
  readonly stacks: Stacks;
  /** @throws Refusal 401 */
  authenticate(request: CloudRequest): Caller;
}

/** Serves one call to Heat. @throws Refusal */
export function serveHeat({ stacks, authenticate }: HeatContext, request: CloudRequest): CloudAnswer {
  if (request.path === "/") {
    const links = [{ rel: "self", href: `${request.origin}/v1/` }];
    return json(300, { versions: [{ id: "v1.0", status: "CURRENT", links }] });
  }
  const call = { stacks, caller: authenticate(request), request };
  const [, , project, word, ...rest] = request.path.split("/");
  if (project !== call.caller.projectId) {
    throw refuse(403, "HTTPForbidden", "Access was denied to this resource.");
  }
  if (word === "stacks") lookUp(call, rest);
  const match = findRoute(routes, request.method, request.path);
  if (match === undefined) throw refuse(404, "HTTPNotFound", "The resource could not be found.");
  return match.handler(call, match.parts, request);
}

/** A stack named by its name or its id alone is looked up and the caller sent on. @throws Refusal */
function lookUp(call: HeatCall, [nameOrId, next, ...more]: readonly string[]): void {
  const isShort = next === undefined || ["resources", "events", "template", "outputs", "actions"].includes(next);
  if (nameOrId === undefined || !isShort) return;
  const stack = trees(call)
    .flatMap(flatten)
    .find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (stack === undefined) throw noStack(nameOrId);
  const tail = [next, ...more].filter((part) => part !== undefined).map((part) => `/${part}`);
  const query = call.request.query.size === 0 ? "" : `?${call.request.query}`;
  throw redirect(hrefOf(call, stack) + tail.join("") + query);
}

function trees({ stacks, caller }: HeatCall): AnyStack[] {
  return [...stacks.all.values()].filter(({ projectId }) => projectId === caller.projectId).map(treeOf);
}

function flatten(tree: AnyStack): AnyStack[] {
  return [tree, ...tree.resources.flatMap(({ nested }) => (nested === undefined ? [] : flatten(nested)))];
}

function stackOf(call: HeatCall, { name = "", id = "" }: PathParts): AnyStack {
  for (const tree of trees(call)) {
    const found = findInTree(tree, name, id);
    if (found !== undefined) return found;
  }
  throw noStack(name);
}

function resourceOf(stack: AnyStack, { resource = "" }: PathParts): Resource {
  const found = stack.resources.find(({ name, physicalId }) => name === resource || physicalId === resource);
  if (found !== undefined) return found;
  throw refuse(404, "ResourceNotFound", `The Resource (${resource}) could not be found in Stack ${stack.name}.`);
}

function rowsOf(call: HeatCall, stack: AnyStack, depth: number): Fields[] {
  return stack.resources.flatMap((resource) => {
    const below = depth > 0 && resource.nested !== undefined ? rowsOf(call, resource.nested, depth - 1) : [];
    return [resourceRow(call, stack, resource), ...below];
  });
}

function mark(call: HeatCall, parts: PathParts, body: Fields | undefined): CloudAnswer {
  const stack = stackOf(call, parts);
  if (body?.mark_unhealthy === undefined) {
    throw refuse(400, "HTTPBadRequest", "Missing mandatory (mark_unhealthy) key from mark unhealthy request");
  }
  const { member } = resourceOf(stack, parts);
  if (member === undefined) return json(200, null);
  if (member.status.endsWith("_IN_PROGRESS")) {
    throw refuse(409, "ActionInProgress", `Stack ${stack.name} already has an action (UPDATE) in progress.`);
  }
  const isIll = body.mark_unhealthy === true;
  member.isMarked = isIll;
  member.status = isIll ? "CHECK_FAILED" : "CHECK_COMPLETE";
  member.reason = body.resource_status_reason ?? "state changed by resource_mark_unhealthy api";
  return json(200, null);
}
