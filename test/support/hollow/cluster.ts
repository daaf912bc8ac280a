import { systemClock } from "../../../src/app/clock.ts";
import type { Role } from "../../../src/core/model.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ApiClient } from "../api-client.ts";
import { HollowKubelet, type KubeletOptions } from "./kubelet.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { type NetworkFace, openNetworkFace } from "./network-face.ts";

export interface HollowNodeSpec
  extends Partial<Omit<KubeletOptions, "api" | "machine" | "internalIP" | "kubeletPort">>,
    Partial<Omit<MachineOptions, "name" | "clock">> {
  readonly name: string;
  readonly role?: Role;
}

export interface HollowClusterOptions {
  readonly api: ApiClient;
  readonly nodes: readonly HollowNodeSpec[];
  readonly clock?: Clock;
  /** `plain` and `tls`: each node has a loopback address that answers like its machine. `none`: it has only the address. */
  readonly network?: "plain" | "tls" | "none";
  /** Needed for `tls`. Valid for the addresses given by `addresses`, or for none: then no client can verify it. */
  readonly certificate?: (address: string) => { readonly cert: string; readonly key: string };
}

export interface HollowNode {
  readonly name: string;
  readonly machine: Machine;
  readonly kubelet: HollowKubelet;
  readonly face: NetworkFace | undefined;
  /** Resolves when the network shows what the machine was last told to be. */
  settled(): Promise<void>;
}

export interface HollowCluster {
  readonly nodes: readonly HollowNode[];
  readonly machines: readonly Machine[];
  /** @throws Error when there is none of that name */
  node(name: string): HollowNode;
  add(spec: HollowNodeSpec): Promise<HollowNode>;
  /** Its machine exists no more; what the API says of its node stays. Another one of that name may be added at once. */
  destroy(name: string): void;
  stop(): Promise<void>;
}

/** Machines with their kubelets and network faces, all on one clock. */
export async function startHollowCluster(options: HollowClusterOptions): Promise<HollowCluster> {
  // several clusters may run side by side; without network a run shall be like the one before
  const third = options.network === "none" ? 0 : 1 + Math.floor(Math.random() * 250);
  const nodes: HollowNode[] = [];
  const destroyed: HollowNode[] = [];
  const add = async (spec: HollowNodeSpec) => {
    const node = await startHollowNode(options, spec, `127.0.${third}.${nodes.length + destroyed.length + 2}`);
    nodes.push(node);
    return node;
  };
  for (const spec of options.nodes) await add(spec);
  return {
    nodes,
    get machines() {
      return nodes.map((node) => node.machine);
    },
    node(name) {
      const found = nodes.find((node) => node.name === name);
      if (found === undefined) throw new Error(`no hollow node ${name}`);
      return found;
    },
    add,
    destroy(name) {
      const index = nodes.findIndex((node) => node.name === name);
      const [node] = nodes.splice(index, index < 0 ? 0 : 1);
      if (node === undefined) throw new Error(`no hollow node ${name}`);
      node.machine.kill();
      destroyed.push(node);
    },
    async stop() {
      const all = [...nodes, ...destroyed];
      await Promise.all(all.map((node) => node.kubelet.stop()));
      await Promise.all(all.map((node) => node.face?.close()));
    },
  };
}

async function startHollowNode(
  options: HollowClusterOptions,
  spec: HollowNodeSpec,
  address: string,
): Promise<HollowNode> {
  const machine = new Machine({ clock: options.clock ?? systemClock, ...spec });
  const face = await openFace(options, address);
  let shown = face?.show(machine.face);
  machine.onChange(() => {
    shown = face?.show(machine.face);
  });
  await shown;
  const network = { internalIP: address, ...(face === undefined ? {} : { kubeletPort: face.port }) };
  const kubelet = new HollowKubelet({ ...spec, ...network, api: options.api, machine });
  return { name: spec.name, machine, kubelet, face, settled: async () => shown };
}

async function openFace(options: HollowClusterOptions, host: string): Promise<NetworkFace | undefined> {
  if (options.network === "none") return undefined;
  if (options.network !== "tls") return openNetworkFace({ host });
  if (options.certificate === undefined) throw new Error("network tls needs certificate");
  return openNetworkFace({ host, tls: options.certificate(host) });
}
