import type { Fields } from "../../kube/object.ts";
import type { Compute } from "../compute/compute.ts";
import { type CloudAnswer, empty, json, page } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import { findRoute, type Routes } from "../http/router.ts";
import type { Caller } from "../identity/caller.ts";
import { type NovaCall, refuse, serverEver, serverOf } from "./context.ts";
import { listInstanceActions, showInstanceAction } from "./instance-actions.ts";
import { listServers } from "./list-servers.ts";
import { microversionOf, novaMaximum, novaMinimum } from "./microversion.ts";
import { forceDown, listServices, updateService } from "./os-services.ts";
import { act } from "./server-actions.ts";
import { serverView } from "./server-view.ts";

const routes: Routes<NovaCall> = {
  "GET /v2.1/servers": (call) => listServers(call, false),
  "GET /v2.1/servers/detail": (call) => listServers(call, true),
  "GET /v2.1/servers/:id": (call, { id = "" }) => json(200, { server: serverView(call, serverOf(call, id)) }),
  "DELETE /v2.1/servers/:id": (call, { id = "" }) => {
    const server = serverOf(call, id);
    if (server.isLocked && !call.caller.isAdmin) throw refuse(409, `Instance ${server.id} is locked`);
    call.compute.delete(server);
    return empty(204);
  },
  "POST /v2.1/servers/:id/action": (call, { id = "" }) => act(call, serverOf(call, id, true)),
  "GET /v2.1/servers/:id/os-instance-actions": (call, { id = "" }) => listInstanceActions(call, serverEver(call, id)),
  "GET /v2.1/servers/:id/os-instance-actions/:request": (call, { id = "", request = "" }) =>
    showInstanceAction(call, serverEver(call, id), request),
  "GET /v2.1/servers/:id/metadata": (call, { id = "" }) => json(200, { metadata: serverOf(call, id).metadata }),
  "POST /v2.1/servers/:id/metadata": (call, { id = "" }, { body }) => {
    const server = serverOf(call, id);
    server.metadata = { ...server.metadata, ...body?.metadata };
    return json(200, { metadata: server.metadata });
  },
  "DELETE /v2.1/servers/:id/metadata/:key": (call, { id = "", key = "" }) => {
    const server = serverOf(call, id);
    if (server.vmState === "error") throw refuse(409, inError(server.id));
    if (!(key in server.metadata)) throw refuse(404, "Metadata item was not found");
    const { [key]: _, ...left } = server.metadata;
    server.metadata = left;
    return empty(204);
  },
  "GET /v2.1/os-services": (call) => listServices(call),
  "PUT /v2.1/os-services/force-down": (call) => forceDown(call),
  "PUT /v2.1/os-services/:id": (call, { id = "" }) => updateService(call, id),
};

/** What Nova needs of the cloud. */
export interface NovaContext {
  readonly compute: Compute;
  readonly images: ReadonlySet<string>;
  /** @throws Refusal 401 */
  authenticate(request: CloudRequest): Caller;
}

/** Serves one call to Nova. @throws Refusal */
export function serveNova({ compute, images, authenticate }: NovaContext, request: CloudRequest): CloudAnswer {
  const root = request.path.replace(/\/$/, "");
  if (root === "") return json(200, { versions: [oldVersion(request.origin), version(request.origin, false)] });
  if (root === "/v2.1" && request.method === "GET") {
    const minor = microversionOf(request);
    return stamped(json(200, { version: version(request.origin, true) }), minor);
  }
  const caller = authenticate(request);
  const minor = microversionOf(request);
  const match = findRoute(routes, request.method, request.path);
  if (match === undefined) return page(404, "Not Found", "The resource could not be found.");
  return stamped(match.handler({ compute, caller, minor, request, images }, match.parts, request), minor);
}

function stamped(answer: CloudAnswer, minor: number): CloudAnswer {
  const versions = {
    "OpenStack-API-Version": `compute 2.${minor}`,
    "X-OpenStack-Nova-API-Version": `2.${minor}`,
    Vary: "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
  };
  return { ...answer, headers: { ...versions, ...answer.headers } };
}

function inError(id: string): string {
  return `Cannot 'delete instance metadata' instance ${id} while it is in vm_state error`;
}

function oldVersion(origin: string): Fields {
  const links = [{ rel: "self", href: `${origin}/v2/` }];
  return { id: "v2.0", status: "SUPPORTED", version: "", min_version: "", updated: "2011-01-21T11:33:21Z", links };
}

function version(origin: string, isAlone: boolean): Fields {
  const described = { rel: "describedby", type: "text/html", href: "http://docs.openstack.org/" };
  const media = { base: "application/json", type: "application/vnd.openstack.compute+json;version=2.1" };
  return {
    ...{ id: "v2.1", status: "CURRENT", version: novaMaximum, min_version: novaMinimum },
    updated: "2013-07-23T11:33:21Z",
    links: [{ rel: "self", href: `${origin}/v2.1/` }, ...(isAlone ? [described] : [])],
    ...(isAlone ? { "media-types": [media] } : {}),
  };
}
