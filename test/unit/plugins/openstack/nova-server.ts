import { type Server, toServer } from "../../../../plugins/providers/openstack/server.ts";

export const serverId = "0f3d7a52-5d0c-4a6e-9a1b-6a1c2b3d4e5f";

/** A server as Nova answers it at microversion 2.93 to its owner, running unless `fields` say otherwise. */
export function novaServer(fields: object = {}): object {
  return {
    id: serverId,
    name: "node-1",
    status: "ACTIVE",
    metadata: {},
    image: { id: "image-1" },
    "OS-EXT-STS:task_state": null,
    "OS-EXT-STS:vm_state": "active",
    "OS-EXT-STS:power_state": 1,
    "os-extended-volumes:volumes_attached": [],
    locked: false,
    locked_reason: null,
    ...fields,
  };
}

export function server(fields: object = {}): Server {
  const read = toServer(novaServer(fields));
  if (read === undefined) throw new Error("this is no server");
  return read;
}

/** The state fields in short: status, vm_state, power_state, task_state. */
export function state(status: string, vmState: string, powerState: number, taskState: string | null = null): object {
  return {
    status,
    "OS-EXT-STS:vm_state": vmState,
    "OS-EXT-STS:power_state": powerState,
    "OS-EXT-STS:task_state": taskState,
  };
}

export const shutOff = state("SHUTOFF", "stopped", 4);
