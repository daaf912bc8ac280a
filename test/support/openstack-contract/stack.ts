import type { CloudCluster } from "../openstack-cloud.ts";
import type { HttpSession, Json } from "../openstack-http.ts";

/** `/stacks/NAME/ID`, from where Heat sends whoever knows the id alone. */
export async function stackPath(session: HttpSession, id: string): Promise<string> {
  const location = (await session.heat("GET", `/stacks/${id}`)).headers.get("location") ?? "";
  return location.slice(location.indexOf("/stacks/"));
}

export async function stackOf(session: HttpSession, path: string): Promise<Json> {
  return (await session.heat("GET", path)).body.stack;
}

export function clusterOf(session: HttpSession, { uuid }: CloudCluster): Promise<Json> {
  return session.magnum("GET", `/clusters/${uuid}`).then(({ body }) => body);
}

/** Rows of the servers in a root stack: Heat's own filter lets server groups through as well. */
export async function serverRows(session: HttpSession, path: string): Promise<Json[]> {
  const { body } = await session.heat("GET", `${path}/resources?nested_depth=2&type=OS::Nova::Server`);
  return body.resources.filter((row: Json) => row.resource_type === "OS::Nova::Server");
}

/** `/stacks/NAME/ID` of the nested stack in which a row's resource is. */
export function nestedPath(row: Json): string {
  const { href } = row.links.find(({ rel }: Json) => rel === "stack");
  return href.slice(href.indexOf("/stacks/"));
}

/** Server ids by resource and index, as `kube-minion 0`. */
export function idsOf(rows: readonly Json[]): Record<string, string> {
  const entries = rows.map((row) => [`${row.resource_name} ${row.parent_resource}`, row.physical_resource_id]);
  return Object.fromEntries(entries.sort());
}
