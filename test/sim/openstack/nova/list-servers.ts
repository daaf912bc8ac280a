import type { Fields } from "../../kube/object.ts";
import { type Server, statusNames, statusOf } from "../compute/server.ts";
import { type CloudAnswer, json } from "../http/answer.ts";
import { type NovaCall, needAdmin, refuse } from "./context.ts";
import { briefView, serverView } from "./server-view.ts";

const known = new Set(
  "access_ip_v4 access_ip_v6 all_tenants auto_disk_config availability_zone config_drive changes-since changes-before created_at deleted description display_description display_name flavor hidden host host_status hostname id image image_ref ip ip6 key_name limit locked marker metadata name node power_state progress project_id reservation_id root_device_name sort_dir sort_key soft_deleted status task_state tenant_id terminated_at user_id uuid vm_state".split(
    " ",
  ),
);

/** Lists, with the filters that somebody without the role admin may use; what he may not is ignored. */
export function listServers(call: NovaCall, isDetailed: boolean): CloudAnswer {
  const { query, origin } = call.request;
  checkQuery(call);
  const wanted = [...call.compute.servers.values()].filter((server) => isWanted(call, server)).reverse();
  const marker = query.get("marker");
  const from = marker === null ? 0 : wanted.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && from === 0) throw refuse(400, `marker [${marker}] not found`);
  const limit = Math.min(Number(query.get("limit") ?? 1000), 1000);
  const rows = wanted.slice(from, from + limit);
  const view = isDetailed ? serverView : briefView;
  const body: Fields = { servers: rows.map((server) => view(call, server)) };
  if (rows.length > 0 && rows.length === limit) {
    const next = new URLSearchParams(query);
    next.set("marker", rows.at(-1)?.id ?? "");
    const href = `${origin}${call.request.path}?${next}`;
    body.servers_links = [{ rel: "next", href }];
  }
  return json(200, body);
}

function checkQuery(call: NovaCall): void {
  const { query } = call.request;
  for (const key of query.keys()) {
    if (!known.has(key) && !key.startsWith("_")) throw refuse(400, `'${key}' does not match any of the regexes: '^_'`);
  }
  for (const key of ["name", "ip", "ip6"]) {
    const value = query.get(key);
    if (value !== null && toRegExp(value) === undefined) {
      throw refuse(400, `Invalid input for query parameters ${key}. Value: ${value}. '${value}' is not a 'regex'`);
    }
  }
  for (const status of query.getAll("status")) {
    if (!statusNames.includes(status.toUpperCase())) throw refuse(400, "Invalid status value");
  }
  if (isTrue(query.get("all_tenants"))) needAdmin(call, "os_compute_api:servers:index:get_all_tenants");
}

function isWanted(call: NovaCall, server: Server): boolean {
  const { query } = call.request;
  if (server.projectId !== call.caller.projectId && !isTrue(query.get("all_tenants"))) return false;
  const name = query.get("name");
  if (name !== null && toRegExp(name)?.test(server.name) !== true) return false;
  const ip = query.get("ip");
  if (ip !== null && toRegExp(ip)?.test(server.ip) !== true) return false;
  const statuses = query.getAll("status").map((status) => status.toUpperCase());
  if (statuses.length > 0 && !statuses.includes(statusOf(server))) return false;
  if (!call.caller.isAdmin) return true;
  const host = query.get("host");
  const uuid = query.get("uuid");
  return (host === null || host === server.host) && (uuid === null || uuid === server.id);
}

function isTrue(value: string | null): boolean {
  return value !== null && ["1", "true", "yes"].includes(value.toLowerCase());
}

function toRegExp(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}
