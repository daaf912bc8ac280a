import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import libvirt from "../../../../plugins/providers/libvirt/index.ts";
import { systemClock } from "../../../../src/app/clock.ts";
import { validateParams } from "../../../../src/config/params.ts";
import type { Act, NodeIdentity, Provider } from "../../../../src/plugin-api/index.ts";
import { SimDaemon } from "../../../sim/libvirt/daemon.ts";
import { type SimDomain, SimHypervisor } from "../../../sim/libvirt/hypervisor.ts";
import { recordingLog } from "../../../support/recording-log.ts";

export const never = new AbortController().signal;
export const base = "/images/base.qcow2";
export const rebuildSection = { "base-image": base, pool: "nodes", "capacity-gib": 20 };

/** @param section the `libvirt:` section as in YAML */
export async function makeLibvirt(section: object): Promise<Provider> {
  const { values, problems } = validateParams(libvirt.params, section);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return await libvirt.create(values, { clock: systemClock, log: recordingLog(), clusterName: undefined });
}

/** A hypervisor with one storage pool of base images and one of root disks. */
export function emptyHypervisor(): SimHypervisor {
  const hypervisor = new SimHypervisor();
  hypervisor.addPool("images", "/images");
  hypervisor.addPool("nodes", "/nodes");
  hypervisor.addVolume("images", "base.qcow2");
  return hypervisor;
}

/** A running machine with its disk. */
export function addMachine(hypervisor: SimHypervisor, name: string, uuid: string): SimDomain {
  const volume = hypervisor.addVolume("nodes", `${name}.qcow2`, base);
  volume.boots = 7;
  return hypervisor.addDomain(name, Buffer.from(uuid.replaceAll("-", ""), "hex"), volume.path);
}

export interface SimRig extends AsyncDisposable {
  readonly provider: Provider;
  readonly daemons: readonly SimDaemon[];
  /** The machine's domain on the first hypervisor. */
  readonly domain: SimDomain;
  readonly machine: string;
  readonly node: NodeIdentity;
  /** An act on the machine, each with an id of its own. */
  act(fields?: Partial<Act>): Act;
}

/** Simulated hypervisors on unix sockets; the first runs machine `node-0`. */
export async function simRig(options: { hypervisors?: number; section?: object } = {}): Promise<SimRig> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-libvirt-"));
  const { hypervisors = 1, section = {} } = options;
  const machine = randomUUID();
  const paths = Array.from({ length: hypervisors }, (_, index) => join(folder, `host-${index}`));
  const daemons = await Promise.all(paths.map((path) => SimDaemon.start(emptyHypervisor(), { path })));
  const domain = addMachine(daemons[0]!.hypervisor, "node-0", machine);
  const provider = await makeLibvirt({ uris: paths.map((path) => `qemu:///system?socket=${path}`), ...section });
  const node: NodeIdentity = {
    name: "node-0",
    uid: "uid-0",
    providerID: "",
    systemUUID: machine.toUpperCase(),
    internalIP: "127.0.0.1",
    machineAnnotation: undefined,
  };
  return {
    provider,
    daemons,
    domain,
    machine,
    node,
    act: (fields = {}) => ({
      machine,
      node,
      id: randomUUID(),
      timeoutMs: 30_000,
      signal: never,
      mayAct: async () => {},
      ...fields,
    }),
    async [Symbol.asyncDispose]() {
      await provider.close?.();
      for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
