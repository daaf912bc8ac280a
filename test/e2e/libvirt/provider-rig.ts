import { randomUUID } from "node:crypto";
import libvirt from "../../../plugins/providers/libvirt/index.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { validateParams } from "../../../src/config/params.ts";
import type { Act, NodeIdentity, Provider } from "../../../src/plugin-api/index.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { baseImage, pools } from "../../support/libvirt-host/start.ts";
import { recordingLog } from "../../support/recording-log.ts";

export const never = new AbortController().signal;

/** The plugin with everything for rebuild. @param section keys of `libvirt:` beside those */
export async function makeProvider(section: object): Promise<Provider> {
  const rebuild = { "base-image": baseImage, pool: pools.nodes, "capacity-gib": 2 };
  const { values, problems } = validateParams(libvirt.params, { machines: ["aceso-e2e-*"], ...rebuild, ...section });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return await libvirt.create(values, { clock: systemClock, log: recordingLog(), clusterName: undefined });
}

export function nodeOf({ name, uuid }: Guest): NodeIdentity {
  return {
    name,
    uid: `uid-${name}`,
    providerID: "",
    systemUUID: uuid,
    internalIP: undefined,
    machineAnnotation: undefined,
  };
}

/** An act with an id of its own. */
export function actOn(guest: Guest, fields: Partial<Act> = {}): Act {
  const node = nodeOf(guest);
  const common = { timeoutMs: 60_000, signal: never, mayAct: async () => {} };
  return { machine: guest.uuid, node, id: randomUUID(), ...common, ...fields };
}

/** What the plugin says of a guest's power. */
export async function powerOf(provider: Provider, guest: Guest): Promise<string> {
  return (await provider.observe(guest.uuid, nodeOf(guest), never)).power;
}
