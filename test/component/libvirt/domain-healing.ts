import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Parts } from "../../../src/app/setup.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { startControllers } from "../../sim/kube/controllers/start.ts";
import { SimDaemon } from "../../sim/libvirt/daemon.ts";
import type { SimDomain } from "../../sim/libvirt/hypervisor.ts";
import type { ApiObject } from "../../support/api-client.ts";
import { type CloudNodes, startCloudNodes } from "../../support/cloud-nodes/cloud-nodes.ts";
import { loudLog, quietLog } from "../../support/quiet-ports.ts";
import { type Replica, replicasIn } from "../../support/replicas-in-process.ts";
import { type SimulatedWorld, simulatedWorld } from "../../support/simulated-world.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";
import { addMachine, emptyHypervisor, rebuildSection } from "../plugins/libvirt/rig.ts";
import { domainServers } from "./domain-servers.ts";

/** A simulated cluster whose machines are domains of a simulated hypervisor, healed by the real program with its real plugin. */
export interface DomainHealing extends AsyncDisposable {
  readonly world: SimulatedWorld;
  readonly daemon: SimDaemon;
  readonly nodes: CloudNodes;
  domain(name: string): SimDomain;
  startReplica(name: string, nodeName: string): Promise<Replica>;
  repair(node: string): ApiObject | undefined;
  node(name: string): ApiObject | undefined;
}

const checks = [{ type: "NodeLease", params: { "unhealthy-duration": "30s" } }];
/** Checks and holds that a test need not wait for. */
const briskConfig = {
  "cloud-provider": "libvirt",
  silence: "15s",
  "recovery-hold": "10s",
  "startup-delay": "0s",
  "check-delay-after-add": "0s",
  "max-repairs-per-hour": 100,
  "rung-timeout": "20s",
  healthcheck: { master: checks, worker: checks },
};

/** @param config keys of the configuration beside the brisk ones */
export async function startDomainHealing(names: readonly string[], config: object): Promise<DomainHealing> {
  const world = await simulatedWorld();
  const { clock, kube } = world;
  const folder = await mkdtemp(join(tmpdir(), "aceso-libvirt-"));
  const path = join(folder, "socket");
  const hypervisor = emptyHypervisor();
  const uuids = names.map(() => randomUUID());
  for (const [index, name] of names.entries()) addMachine(hypervisor, name, uuids[index] ?? "");
  const daemon = await SimDaemon.start(hypervisor, { path });
  const nodes = startCloudNodes({
    cloud: domainServers(hypervisor),
    api: world.api,
    clock,
    everyMs: 2_000,
    providerID: "",
  });
  for (const uuid of uuids) nodes.watchServer(uuid);
  const stop = new AbortController();
  const controllers = startControllers(kube, stop.signal);
  const libvirt = { uris: [`qemu:///system?socket=${path}`], ...rebuildSection };
  const replicas = replicasIn({
    world,
    config: stringify({ ...briskConfig, libvirt, ...config }),
    log: process.env.LOUD ? loudLog : quietLog,
    dial: async () => "silent",
    change: (parts) => awaited(parts, clock),
  });
  const isReady = (name: string) => hasReady(kube.store.get("nodes", name));
  await clock.runUntil(() => names.every(isReady), 60_000, "Ready nodes");
  return {
    ...{ world, daemon, nodes },
    domain: (name) => hypervisor.domainNamed(name),
    startReplica: replicas.start,
    repair: (node) => kube.store.get("noderepairs", node),
    node: (name) => kube.store.get("nodes", name),
    async [Symbol.asyncDispose]() {
      replicas.abort();
      await nodes.stop();
      stop.abort();
      await controllers;
      await daemon[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** The clock stands still while the plugin talks to the daemon: it does not see that socket by itself. */
function awaited(parts: Parts, clock: VirtualClock & Clock): Parts {
  const { provider } = parts;
  if (provider?.powerOff === undefined || provider.powerOn === undefined || provider.rebuild === undefined)
    throw new Error("the plugin cannot switch or rebuild");
  const { powerOff, powerOn, rebuild } = provider;
  const tracked: Provider = {
    ...provider,
    identify: (node, signal) => clock.track(provider.identify(node, signal), "identify"),
    observe: (machine, node, signal) => clock.track(provider.observe(machine, node, signal), "observe"),
    powerOff: (act) => clock.track(powerOff(act), "power-off"),
    powerOn: (act) => clock.track(powerOn(act), "power-on"),
    rebuild: (act) => clock.track(rebuild(act), "rebuild"),
  };
  return { ...parts, provider: tracked };
}

function hasReady(node: ApiObject | undefined): boolean {
  return node?.status?.conditions?.some((it: ApiObject) => it.type === "Ready" && it.status === "True") === true;
}
