import type { Clusters } from "../containers/clusters.ts";
import { type CloudAnswer, empty, json, Refusal } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import { findRoute, type Routes } from "../http/router.ts";
import type { Caller } from "../identity/caller.ts";
import { bodyOf, clusterOf, groupOf, invalid, type MagnumCall, needMinor, refuse } from "./context.ts";
import { magnumMinorOf, versionHeaders } from "./microversion.ts";
import { patchCluster } from "./patch-cluster.ts";
import { resize } from "./resize.ts";
import { clusterRow, clusterView, groupRow, groupView } from "./views.ts";

const routes: Routes<MagnumCall> = {
  "GET /v1/clusters": (call) => {
    const own = [...call.clusters.all.values()].filter(({ projectId }) => projectId === call.caller.projectId);
    return json(200, { clusters: own.map((cluster) => clusterRow(call, cluster)) });
  },
  "GET /v1/clusters/:id": (call, { id = "" }) => json(200, clusterView(call, clusterOf(call, id))),
  "PATCH /v1/clusters/:id": (call, { id = "" }) => patchCluster(call, id),
  "DELETE /v1/clusters/:id": (call, { id = "" }) => {
    call.clusters.delete(clusterOf(call, id));
    return empty(204);
  },
  "POST /v1/clusters/:id/actions/resize": (call, { id = "" }) => resize(call, id),
  "GET /v1/clusters/:id/nodegroups": (call, { id = "" }) => {
    needMinor(call, 9);
    return json(200, { nodegroups: clusterOf(call, id).groups.map(groupRow) });
  },
  "GET /v1/clusters/:id/nodegroups/:group": (call, { id = "", group = "" }) => {
    needMinor(call, 9);
    const cluster = clusterOf(call, id);
    return json(200, groupView(call, cluster, groupOf(cluster, group)));
  },
  "POST /v1/clusters/:id/nodegroups": (call, { id = "" }) => {
    needMinor(call, 9);
    const cluster = clusterOf(call, id);
    const { name, node_count: count = 1 } = bodyOf(call);
    if (typeof name !== "string") throw invalid("name", "None", "Mandatory field missing.");
    if (cluster.groups.some((nodes) => nodes.name === name)) {
      throw refuse(409, `A node group with name ${name} already exists.`);
    }
    return json(202, groupView(call, cluster, call.clusters.addGroup(cluster, name, count, call.imageId)));
  },
  "DELETE /v1/clusters/:id/nodegroups/:group": (call, { id = "", group = "" }) => {
    needMinor(call, 9);
    const cluster = clusterOf(call, id);
    const nodes = groupOf(cluster, group);
    if (nodes.isDefault) throw refuse(400, "Deleting a default nodegroup is not supported.");
    call.clusters.removeGroup(cluster, nodes);
    return empty(204);
  },
};

/** What Magnum needs of the cloud. */
export interface MagnumContext {
  readonly clusters: Clusters;
  readonly imageId: string;
  /** @throws Refusal 401 */
  authenticate(request: CloudRequest): Caller;
}

/** Serves one call to Magnum. @throws Refusal */
export function serveMagnum(context: MagnumContext, request: CloudRequest): CloudAnswer {
  if (request.path === "/") return json(200, { name: "OpenStack Magnum API", versions: [version(request.origin)] });
  if (/^\/v1\/?$/.test(request.path)) {
    return json(200, { id: "v1", links: version(request.origin).links }, versionHeaders("1.1"));
  }
  const caller = context.authenticate(request);
  const minor = magnumMinorOf(request);
  const headers = versionHeaders(`1.${minor}`);
  const match = findRoute(routes, request.method, request.path);
  if (match === undefined) throw refuse(404, "The resource could not be found.");
  try {
    const { clusters, imageId } = context;
    const answer = match.handler({ clusters, caller, minor, request, imageId }, match.parts, request);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal({ ...error.answer, headers: { ...headers, ...error.answer.headers } });
  }
}

function version(origin: string) {
  const links = [{ href: `${origin}/v1/`, rel: "self" }];
  return { id: "v1", links, status: "CURRENT", max_version: "1.10", min_version: "1.1" };
}
