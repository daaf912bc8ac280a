import { systemClock } from "../../../src/app/clock.ts";
import type { Role } from "../../../src/core/model.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ApiClient } from "../api-client.ts";
import { HollowKubelet, type KubeletOptions } from "../hollow/kubelet.ts";
import type { CloudServer, OpenStackCloud } from "../openstack-cloud.ts";
import type { NodeAddresses } from "./node-addresses.ts";
import { ServerMachine } from "./server-machine.ts";

export type KubeletWish = Partial<Omit<KubeletOptions, "api" | "machine">>;

export interface CloudNodesOptions {
  readonly cloud: Pick<OpenStackCloud, "servers">;
  readonly api: ApiClient;
  readonly clock?: Clock;
  /** Between two looks at the servers, 1 s where nothing is said. */
  readonly everyMs?: number;
  /** From power on to a running kubelet, 2 s where nothing is said. */
  readonly bootMs?: number;
  readonly kubelet?: KubeletWish | ((role: Role) => KubeletWish);
  /** Where nothing is said the nodes have the servers' own addresses, at which nobody listens. */
  readonly addresses?: NodeAddresses;
  /** Of every Node; that of an OpenStack server where nothing is said. */
  readonly providerID?: string;
}

/** A server with the kubelet in it. */
export interface CloudNode {
  readonly name: string;
  readonly role: Role;
  readonly machine: ServerMachine;
  readonly kubelet: HollowKubelet;
}

/** Hollow kubelets in the servers of a cloud; each lives and dies with its server. */
export interface CloudNodes {
  /** Those whose servers exist, oldest first. */
  readonly nodes: readonly CloudNode[];
  /** Of the newest server of this name. @throws Error when there is none */
  node(name: string): CloudNode;
  /** Every server whose name begins with the cluster's gets a kubelet, also one that is made later. Names tell the role. */
  watchCluster(cluster: { readonly name: string }): void;
  watchServer(id: string, role?: Role): void;
  /** Resolves when all servers have been looked at once more. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function startCloudNodes(options: CloudNodesOptions): CloudNodes {
  return new RunningNodes(options);
}

class RunningNodes implements CloudNodes {
  readonly #options: CloudNodesOptions;
  readonly #clock: Clock;
  readonly #clusters = new Set<string>();
  readonly #servers = new Map<string, Role>();
  readonly #nodes = new Map<string, CloudNode>();
  readonly #stop = new AbortController();
  #looked: Promise<void> = Promise.resolve();
  readonly #over: Promise<void>;

  constructor(options: CloudNodesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#over = this.#watch();
  }

  get nodes(): readonly CloudNode[] {
    return [...this.#nodes.values()];
  }

  node(name: string): CloudNode {
    const found = this.nodes.findLast((node) => node.name === name);
    if (found === undefined) throw new Error(`no server ${name} with a kubelet`);
    return found;
  }

  watchCluster({ name }: { readonly name: string }): void {
    this.#clusters.add(name);
  }

  watchServer(id: string, role: Role = "worker"): void {
    this.#servers.set(id, role);
  }

  /** One after the other: two looks at once would both find the same new server. */
  look(): Promise<void> {
    const looked = this.#looked.then(() => this.#lookOnce());
    this.#looked = looked.catch(() => {});
    return looked;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#over;
    await Promise.all(this.nodes.map((node) => node.kubelet.stop()));
    await this.#options.addresses?.close();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // a cloud that is away is asked again: its servers run on
      await this.look().catch(() => {});
      await this.#clock.sleep(this.#options.everyMs ?? 1_000, signal).catch(() => {});
    }
  }

  async #lookOnce(): Promise<void> {
    const servers = await this.#options.cloud.servers();
    const seen = new Set(servers.map(({ id }) => id));
    for (const server of servers) await this.#see(server);
    for (const id of [...this.#nodes.keys()]) if (!seen.has(id)) await this.#forget(id);
  }

  async #see(server: CloudServer): Promise<void> {
    const known = this.#nodes.get(server.id);
    if (known !== undefined) return known.machine.see(server);
    const role = this.#roleOf(server);
    if (role !== undefined && server.status === "ACTIVE") await this.#add(server, role);
  }

  #roleOf({ id, name }: CloudServer): Role | undefined {
    const isOfCluster = [...this.#clusters].some((cluster) => name.startsWith(`${cluster}-`));
    if (!isOfCluster) return this.#servers.get(id);
    return /-master-\d+$/.test(name) ? "master" : "worker";
  }

  async #add(server: CloudServer, role: Role): Promise<void> {
    const { api, kubelet, addresses, providerID, bootMs = 2_000 } = this.#options;
    const machine = new ServerMachine(server, { role, clock: this.#clock, bootMs, providerID });
    const internalIP = (await addresses?.open(machine)) ?? server.ip;
    const wish = typeof kubelet === "function" ? kubelet(role) : kubelet;
    const made = new HollowKubelet({ internalIP, ...wish, api, machine });
    this.#nodes.set(server.id, { name: server.name, role, machine, kubelet: made });
  }

  async #forget(id: string): Promise<void> {
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    node?.machine.see(undefined);
    await node?.kubelet.stop();
  }
}
