import type { Fields } from "../../kube/object.ts";
import { type Server, statusOf } from "../compute/server.ts";
import { secondText, wholeMicroText } from "../times.ts";
import type { NovaCall } from "./context.ts";
import { hostIdOf } from "./host-id.ts";

/** What every answer about a server begins with. */
export function briefView({ request }: NovaCall, { id, name }: Server): Fields {
  return { id, name, links: linksOf(request.origin, id) };
}

/** A server as the caller may see it, in the form of the microversion. */
export function serverView(call: NovaCall, server: Server): Fields {
  const { id, vmState, taskState, powerState, volumeId } = server;
  const status = statusOf(server);
  const volumes = volumeId === undefined ? [] : [{ id: volumeId, ...since(call, 3, { delete_on_termination: true }) }];
  return {
    ...{ id, name: server.name, status, tenant_id: server.projectId, user_id: server.userId },
    metadata: server.metadata,
    hostId: hostIdOf(server.projectId, server.host),
    image: imageView(call, server),
    flavor: flavorView(call),
    created: secondText(server.createdAtWallMs),
    updated: secondText(server.updatedAtWallMs),
    addresses: addressesView(server),
    ...{ accessIPv4: "", accessIPv6: "", links: linksOf(call.request.origin, id), "OS-DCF:diskConfig": "MANUAL" },
    ...(status === "ACTIVE" || status === "BUILD" || status.includes("RE") ? { progress: 0 } : {}),
    ...faultView(call, server, status),
    ...{ "OS-EXT-AZ:availability_zone": "nova", config_drive: "", key_name: null },
    "OS-SRV-USG:launched_at": wholeMicroText(server.launchedAtWallMs),
    "OS-SRV-USG:terminated_at": null,
    ...adminView(call, server),
    "OS-EXT-STS:task_state": taskState,
    "OS-EXT-STS:vm_state": vmState === "deleted" ? "deleted" : vmState,
    "OS-EXT-STS:power_state": powerState,
    "os-extended-volumes:volumes_attached": volumes,
    ...since(call, 9, { locked: server.isLocked }),
    ...since(call, 73, { locked_reason: server.lockedReason }),
    ...since(call, 19, { description: null }),
    ...since(call, 26, { tags: [] }),
    ...since(call, 63, { trusted_image_certificates: null }),
    ...since(call, 90, { "OS-EXT-SRV-ATTR:hostname": server.name }),
    ...since(call, 71, { server_groups: [] }),
  };
}

function since(call: NovaCall, minor: number, fields: Fields): Fields {
  return call.minor >= minor ? fields : {};
}

function linksOf(origin: string, id: string): Fields[] {
  return [
    { rel: "self", href: `${origin}/v2.1/servers/${id}` },
    { rel: "bookmark", href: `${origin}/servers/${id}` },
  ];
}

function imageView({ request }: NovaCall, { imageId }: Server): Fields | string {
  if (imageId === undefined) return "";
  return { id: imageId, links: [{ rel: "bookmark", href: `${request.origin}/images/${imageId}` }] };
}

function flavorView({ minor, request }: NovaCall): Fields {
  if (minor < 47) return { id: "1", links: [{ rel: "bookmark", href: `${request.origin}/flavors/1` }] };
  return { vcpus: 1, ram: 64, disk: 1, ephemeral: 0, swap: 0, original_name: "m1.tiny", extra_specs: {} };
}

function addressesView({ ip }: Server): Fields {
  if (ip === "") return {};
  const more = { "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01", "OS-EXT-IPS:type": "fixed" };
  return { private: [{ version: 4, addr: ip, ...more }] };
}

function faultView({ caller }: NovaCall, { fault }: Server, status: string): Fields {
  if (fault === undefined || (status !== "ERROR" && status !== "DELETED")) return {};
  const { code, created, message } = fault;
  const details = caller.isAdmin ? { details: message } : {};
  return { fault: { code, created: secondText(created), message, ...details } };
}

function adminView(call: NovaCall, server: Server): Fields {
  if (!call.caller.isAdmin) return {};
  const { hosts } = call.compute;
  return {
    "OS-EXT-SRV-ATTR:host": server.host,
    "OS-EXT-SRV-ATTR:instance_name": `instance-${server.id.slice(0, 8)}`,
    "OS-EXT-SRV-ATTR:hypervisor_hostname": server.host,
    ...since(call, 16, { host_status: hosts.hostStatusOf(hosts.get(server.host)) }),
  };
}
