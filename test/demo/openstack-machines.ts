import { systemClock } from "../../src/app/clock.ts";
import type { Role } from "../../src/core/model.ts";
import type { SimulatedCloud } from "../sim/openstack/cloud.ts";
import type { Server } from "../sim/openstack/compute/server.ts";
import { losePower } from "../sim/openstack/lose-power.ts";
import { startSimulatedCloud } from "../sim/openstack/start.ts";
import type { ApiClient } from "../support/api-client.ts";
import { type CloudNode, type CloudNodes, startCloudNodes } from "../support/cloud-nodes/cloud-nodes.ts";
import { wordOf } from "./cloud-words.ts";
import { durations } from "./durations.ts";
import { type Machines, masterTaint, type OnWord } from "./machines.ts";
import type { MachineState } from "./picture.ts";

const lookMs = 200;
const clusterName = "k8s";

/** Servers of a Magnum cluster in a simulated OpenStack, as the plugin `openstack` finds them. */
export async function startOpenStackMachines(api: ApiClient): Promise<Machines> {
  const { powerOffMs, novaStartMs, bootMs } = durations;
  const cloud = await startSimulatedCloud({
    clock: systemClock,
    timings: { stopMs: powerOffMs, startMs: novaStartMs },
  });
  const { uuid } = await cloud.createCluster({ name: clusterName, masters: 3, workers: 3 });
  const nodes = startCloudNodes({ cloud, api, everyMs: lookMs, bootMs: bootMs - novaStartMs, kubelet });
  nodes.watchCluster({ name: clusterName });
  await nodes.look();
  return new OpenStackMachines(cloud, nodes, uuid);
}

function kubelet(role: Role) {
  const { leaseIntervalMs, terminationMs } = durations;
  return { leaseIntervalMs, terminationMs, ...(role === "master" && { taints: [masterTaint] }) };
}

class OpenStackMachines implements Machines {
  readonly config: Machines["config"];
  readonly #cloud: SimulatedCloud;
  readonly #nodes: CloudNodes;
  readonly #listeners = new Set<(name: string) => void>();
  readonly #states = new Map<string, MachineState>();
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;

  constructor(cloud: SimulatedCloud, nodes: CloudNodes, clusterUuid: string) {
    this.#cloud = cloud;
    this.#nodes = nodes;
    const { authUrl, region, userId, password, projectId } = cloud.account;
    this.config = {
      "cloud-provider": "openstack",
      "cluster-name": clusterUuid,
      openstack: { "auth-url": authUrl, region, "user-id": userId, password, "project-id": projectId },
    };
    this.#compare();
    this.#over = this.#follow();
  }

  get names(): readonly string[] {
    const rank = ({ role, name }: CloudNode) => `${role === "master" ? 0 : 1} ${name}`;
    const all = this.#nodes.nodes.toSorted((a, b) => rank(a).localeCompare(rank(b), "en", { numeric: true }));
    return [...new Set(all.map(({ name }) => name))];
  }

  state(name: string): MachineState {
    const node = this.#nodes.nodes.findLast((each) => each.name === name);
    const server = this.#server(name);
    if (node === undefined || server === undefined) return "off";
    if (server.taskState !== null) return "changing";
    const { kernel, answersNetwork } = node.machine;
    if (kernel === "up") return answersNetwork ? "on" : "changing";
    return kernel;
  }

  onChange(listener: (name: string) => void): void {
    this.#listeners.add(listener);
  }

  onWord(listener: OnWord): void {
    this.#cloud.onCall((call, when) => {
      const nameOf = (id: string) => this.#cloud.state.compute.find(id)?.name ?? id;
      const text = when === "after" ? wordOf(call, nameOf) : undefined;
      if (text !== undefined) listener(call.service, text);
      return undefined;
    });
  }

  pullPlug(name: string): void {
    losePower(this.#cloud, this.#nodes.node(name).machine.id);
    // a look fails only where the cloud is gone, and this one never is before the show is over
    void this.#nodes.look().then(() => this.#compare());
  }

  async switchOn(name: string): Promise<void> {
    const server = this.#server(name);
    if (server !== undefined) await this.#cloud.act(server.id, { "os-start": null });
  }

  hang(name: string): void {
    this.#nodes.node(name).machine.hang();
    this.#compare();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#over;
    await this.#nodes.stop();
    await this.#cloud[Symbol.asyncDispose]();
  }

  #server(name: string): Server | undefined {
    const id = this.#nodes.nodes.findLast((each) => each.name === name)?.machine.id;
    return id === undefined ? undefined : this.#cloud.state.compute.find(id);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#compare();
      await systemClock.sleep(lookMs, signal).catch(() => undefined);
    }
  }

  /** Tells what is another state than at the last look. */
  #compare(): void {
    for (const name of new Set([...this.#states.keys(), ...this.names])) {
      const state = this.state(name);
      const before = this.#states.get(name);
      this.#states.set(name, state);
      if (before !== undefined && before !== state) for (const listener of this.#listeners) listener(name);
    }
  }
}
