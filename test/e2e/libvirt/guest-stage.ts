import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { AcesoProcess } from "../../support/aceso-process.ts";
import type { ApiObject } from "../../support/api-client.ts";
import { type CloudNodes, startCloudNodes } from "../../support/cloud-nodes/cloud-nodes.ts";
import { briskConfig, briskNode } from "../../support/e2e-stage/scenario.ts";
import { type Settings, type Stage, startStage } from "../../support/e2e-stage/stage.ts";
import { eventually, type Patience } from "../../support/eventually.ts";
import { startHollowCluster } from "../../support/hollow/cluster.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { guestServers } from "../../support/libvirt-host/guest-servers.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { type DaemonProxy, startProxy } from "../../support/libvirt-host/proxy.ts";
import { baseImage, type LibvirtHost, pools, socket, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { tellStory } from "../kubernetes/story.ts";

/** A real control plane whose nodes live in real guests, but for two masters: those exist only for it. */
export interface GuestStage extends Stage {
  readonly host: LibvirtHost;
  /** Aceso reaches the daemon through it. */
  readonly proxy: DaemonProxy;
  readonly nodes: CloudNodes;
  guest(name: string): Guest;
  /** Two replicas on the masters without guests; what ran before is stopped. @param settings beside brisk ones */
  heal(settings?: Settings): Promise<readonly AcesoProcess[]>;
  /** One more replica with the configuration of the last `heal`. */
  another(): Promise<AcesoProcess>;
  /** Waits until a repair of the node that began after `earlier` has ended. @param earlier id of an earlier repair */
  untilEnd(name: string, earlier: string | undefined, patience?: Patience): Promise<ApiObject>;
  /** The id of its last repair. */
  lastRepair(name: string): Promise<string | undefined>;
  /** What was asked of the daemon that changes something, since a number of calls, in order. */
  acts(since?: number): readonly string[];
}

/** Guests and nodes; the second master of Asklepios' guide, and two workers. */
const guests = { control2: "master", worker1: "worker", worker2: "worker" } as const;
const bodiless = ["control1", "control3"];
const acts: Readonly<Record<number, string>> = {
  27: "reboot",
  93: "make-volume",
  94: "delete-volume",
  184: "forget-image",
  196: "start",
  234: "destroy",
  245: "reset",
};

/** Starts it before the tests of a file and ends it after them; a test that fails gets the story of the run printed. */
export function useGuestStage(): () => GuestStage {
  let stage: GuestStage | undefined;
  beforeAll(async () => {
    stage = await startGuestStage();
  }, 300_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail" && stage !== undefined) console.error(await tellStory(stage, stage.acts()));
  });
  afterAll(() => stage?.stop(), 120_000);
  return () => {
    if (stage === undefined) throw new Error("the stage has not started");
    return stage;
  };
}

async function startGuestStage(): Promise<GuestStage> {
  const parts = new AsyncDisposableStack();
  try {
    return await setStage(parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function setStage(parts: AsyncDisposableStack): Promise<GuestStage> {
  const host = parts.use(await startLibvirtHost({ guests: Object.keys(guests) }));
  const proxy = parts.use(await startProxy(join(hostFolder, "proxy.sock"), socket));
  const usual = { ...briskConfig, "cloud-provider": "libvirt", libvirt: sectionFor(proxy.uri) };
  const stage = await startStage({ plane: { manifest: "aceso-libvirt.yaml" }, config: (own) => own ?? usual });
  parts.defer(() => stage.stop());
  const common = { api: stage.kubelets, bootMs: briskNode.bootMs };
  const kubelet = { leaseIntervalMs: briskNode.leaseIntervalMs };
  const nodes = startCloudNodes({ ...common, kubelet, cloud: guestServers(host), everyMs: 500, providerID: "" });
  parts.defer(() => nodes.stop());
  const guest = (name: string) => {
    const found = host.guests.find((it) => it.name === name);
    if (found === undefined) throw new Error(`no guest ${name}`);
    return found;
  };
  for (const [name, role] of Object.entries(guests)) nodes.watchServer(guest(name).uuid, role);
  const masters = bodiless.map((name) => ({ ...briskNode, name, role: "master" as const }));
  const others = await startHollowCluster({ ...common, nodes: masters, network: "none" });
  parts.defer(() => others.stop());
  parts.defer(async () => void (await Promise.all(stage.replicas.map((replica) => replica.kill()))));
  await Promise.all([...Object.keys(guests), ...bodiless].map((name) => stage.untilReady(name)));

  let config: Settings = {};
  const start = (node?: string) => {
    const name = `replica-${stage.replicas.length + 1}`;
    return stage.startReplica({ name, config, ...(node === undefined ? {} : { node }) });
  };
  return {
    ...{ ...stage, host, proxy, nodes, guest },
    async heal(settings = {}) {
      await Promise.all(stage.replicas.filter((each) => each.isAlive()).map((each) => each.stop()));
      config = { ...usual, ...settings };
      const started: AcesoProcess[] = [];
      // their names count those that were started before
      for (const node of bodiless) started.push(await start(node));
      await eventually("both replicas have reported", () => haveReported(stage, started));
      return started;
    },
    another: () => start(),
    async untilEnd(name, earlier, patience) {
      const look = async () => {
        const { status } = (await stage.repair(name)) ?? {};
        return /^(Healed|Recovered|Held)$/.test(status?.phase ?? "") && status.id !== earlier && status;
      };
      return eventually(`the repair of ${name} has ended`, look, { withinMs: 120_000, everyMs: 250, ...patience });
    },
    lastRepair: async (name) => (await stage.repair(name))?.status?.id,
    acts: (since = 0) => proxy.calls.slice(since).flatMap((number) => acts[number] ?? []),
    stop: () => parts.disposeAsync(),
  };
}

function sectionFor(uri: string): Settings {
  const machines = Object.keys(guests);
  return { uris: [uri], machines, "base-image": baseImage, pool: pools.nodes, "capacity-gib": 2 };
}

/** A control-plane node is not switched off while no other replica is known to live. */
async function haveReported({ api }: Stage, replicas: readonly AcesoProcess[]): Promise<boolean> {
  const { items } = await api.get("/apis/aceso.dev/v1alpha1/namespaces/aceso/observerreports");
  const names: readonly string[] = items.map((it: ApiObject) => it.spec.instance.replace(/_[^_]*$/, ""));
  return replicas.every(({ name }) => names.includes(name));
}
