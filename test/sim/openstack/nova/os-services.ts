import type { Fields } from "../../kube/object.ts";
import type { ComputeHost } from "../compute/hosts.ts";
import { type CloudAnswer, json } from "../http/answer.ts";
import { wholeMicroText } from "../times.ts";
import { type NovaCall, needAdmin, refuse } from "./context.ts";

/** `GET /os-services`, for admins. @throws Refusal 403 */
export function listServices(call: NovaCall): CloudAnswer {
  needAdmin(call, "os_compute_api:os-services:list");
  const { query } = call.request;
  const host = query.get("host");
  const isAsked = (query.get("binary") ?? "nova-compute") === "nova-compute";
  const rows = isAsked ? call.compute.hosts.all.filter(({ name }) => host === null || host === name) : [];
  return json(200, { services: rows.map((row) => view(call, row)) });
}

/** `PUT /os-services/ID {"forced_down": true}`, 2.53 and later. @throws Refusal */
export function updateService(call: NovaCall, id: string): CloudAnswer {
  needAdmin(call, "os_compute_api:os-services:update");
  if (call.minor < 53) throw refuse(400, "Unknown action");
  const host = call.compute.hosts.all.find((one) => one.id === id);
  if (host === undefined) throw refuse(404, `Service ${id} could not be found.`);
  return json(200, { service: view(call, force(host, call.request.body?.forced_down === true)) });
}

/** `PUT /os-services/force-down {"host", "binary", "forced_down"}`, 2.11 to 2.52. @throws Refusal */
export function forceDown(call: NovaCall): CloudAnswer {
  needAdmin(call, "os_compute_api:os-services:update");
  const { host: name = "", binary, forced_down } = call.request.body ?? {};
  const host = call.compute.hosts.find(name);
  if (call.minor < 11 || call.minor > 52) throw refuse(404, "The resource could not be found.");
  if (host === undefined || binary !== "nova-compute") throw refuse(404, `Host ${name} could not be found.`);
  force(host, forced_down === true);
  return json(200, { service: { host: name, binary, forced_down: host.isForcedDown } });
}

function force(host: ComputeHost, isForcedDown: boolean): ComputeHost {
  if (!isForcedDown && host.hasEvacuations) {
    throw refuse(
      400,
      `Unable to up-call service ${host.name}: \`done\` evacuation migration records remain associated with the host.`,
    );
  }
  host.isForcedDown = isForcedDown;
  return host;
}

function view({ compute, minor }: NovaCall, host: ComputeHost): Fields {
  const reportedAtWallMs = host.isAlive ? compute.schedule.wallMs : host.lastReportWallMs;
  return {
    binary: "nova-compute",
    host: host.name,
    id: minor >= 53 ? host.id : compute.hosts.all.indexOf(host) + 1,
    zone: "nova",
    status: "enabled",
    state: compute.hosts.stateOf(host),
    updated_at: wholeMicroText(reportedAtWallMs),
    disabled_reason: null,
    ...(minor >= 11 ? { forced_down: host.isForcedDown } : {}),
  };
}
