import { statefulSetDraft } from "../sim/kube/fixtures.ts";
import { losePower } from "../sim/openstack/lose-power.ts";
import type { OptionalService } from "../sim/openstack/options.ts";
import { isInProgress } from "../sim/openstack/orchestration/stack.ts";
import type { ApiObject } from "../support/api-client.ts";
import { type CloudHealing, startCloudHealing } from "../support/cloud-healing.ts";
import type { SeenCall } from "../support/openstack-cloud.ts";

/** One way to lose a server and to get a node back. */
export interface RepairCase {
  readonly name: string;
  readonly role: "master" | "worker";
  readonly loss: "off" | "hung";
  readonly ladder: string;
  /** Servers outside any cluster, in a cloud with Nova only. */
  readonly isNovaAlone?: boolean;
}

/** Milliseconds of virtual time after the failure, and what the cloud was asked meanwhile. */
export interface Repair {
  readonly releasedMs: number;
  readonly readyMs: number;
  readonly backMs: number;
  /** Of the time until the node was Ready again: a task of Nova, an update of Heat or Magnum was under way. */
  readonly cloudMs: number;
  /** Beside that: a server was up and its kubelet not yet. */
  readonly bootMs: number;
  /** Until the record was closed and Magnum showed HEALTHY. */
  readonly calls: readonly SeenCall[];
}

const minuteMs = 60_000;
/** Leases and conditions are known for long enough, and `startup-delay` is over. */
const settledMs = 2 * minuteMs;
const mostMs = 30 * minuteMs;
const podsPerNode = 2;
const four = ["n1", "n2", "n3", "n4"];
const noServices: readonly OptionalService[] = [];

/** A simulated cluster at rest, healed by two replicas with the guide's configuration. */
async function startAtRest(ladder: string, isNovaAlone = false): Promise<CloudHealing> {
  const it = await startCloudHealing({
    ...(isNovaAlone && { servers: four, cloud: { services: noServices } }),
    words: { checkDelayAfterAdd: "0s", more: ladder === "" ? "" : `ladder: ${ladder}\n` },
  });
  const { clock, kube } = it.world;
  const all = [...it.masters, ...it.workers];
  const [first, second] = all;
  await it.startReplica("one", first?.name);
  await it.startReplica("two", second?.name);
  kube.store.put("statefulsets", statefulSetDraft("web", all.length * podsPerNode));
  await clock.advance(settledMs);
  return it;
}

/** @param offsetMs how long the cluster rests before, so that the failure meets another moment of the heartbeats */
export async function playRepair(chosen: RepairCase, offsetMs: number): Promise<Repair> {
  await using it = await startAtRest(chosen.ladder, chosen.isNovaAlone);
  const { clock, kube } = it.world;
  await clock.advance(offsetMs);
  const patient = (chosen.role === "master" ? it.masters : it.workers).at(-1);
  if (patient === undefined) throw new Error(`no ${chosen.role}`);
  const lost = kube.store.list("pods").filter((pod) => pod.spec?.nodeName === patient.name);
  const boots = new Set(kube.store.list("nodes").map((node) => node.status.nodeInfo.bootID));
  const firstCall = it.cloud.calls().length;
  const meter = new Meter(it);
  if (chosen.loss === "off") losePower(it.cloud, patient.id);
  else it.nodes.node(patient.name).machine.hang();

  const until = async (what: string, isTrue: () => boolean | Promise<boolean>) => {
    await clock.runUntil(() => meter.look() && isTrue(), mostMs, `${chosen.name}: ${what}`);
    return meter.passed();
  };
  const isThere = ({ metadata }: ApiObject) =>
    kube.store.get("pods", `${metadata.namespace}/${metadata.name}`)?.metadata.uid === metadata.uid;
  const released = await until("released", () => !lost.some(isThere));
  const isNew = (node: ApiObject) => !boots.has(node.status.nodeInfo?.bootID) && it.isReady(node.metadata.name);
  const ready = await until("Ready again", () => kube.store.list("nodes").some(isNew));
  const back = await until("Healed", () => /Healed|Held/.test(it.repair(patient.name)?.status?.phase ?? ""));
  const { phase, reason } = it.repair(patient.name)?.status ?? {};
  if (phase !== "Healed") throw new Error(`${chosen.name}: ${phase} (${reason})`);
  if (chosen.isNovaAlone !== true) {
    await until("HEALTHY", async () => (await it.cluster()).healthStatus === "HEALTHY");
  }
  if (it.broken.length > 0) throw new Error(`${chosen.name}: ${it.broken.join("; ")}`);
  const { cloudMs, bootMs } = ready;
  const calls = it.cloud.calls().slice(firstCall);
  return { releasedMs: released.ms, readyMs: ready.ms, backMs: back.ms, cloudMs, bootMs, calls };
}

/** What the cloud was asked in one hour in which nothing happened. */
export async function idleHour(isNovaAlone: boolean): Promise<readonly SeenCall[]> {
  await using it = await startAtRest("", isNovaAlone);
  const before = it.cloud.calls().length;
  for (let minute = 0; minute < 60; minute += 5) await it.world.clock.advance(5 * minuteMs);
  return it.cloud.calls().slice(before);
}

/** Adds up how long the cloud works and how long servers boot. Between two looks nothing changes. */
class Meter {
  readonly #it: CloudHealing;
  readonly #beganMs: number;
  #lookedMs: number;
  #state: "rest" | "cloud" | "boot" = "rest";
  readonly #spent = { rest: 0, cloud: 0, boot: 0 };

  constructor(it: CloudHealing) {
    this.#it = it;
    this.#beganMs = it.world.clock.now().monoMs;
    this.#lookedMs = this.#beganMs;
  }

  look(): true {
    const nowMs = this.#it.world.clock.now().monoMs;
    this.#spent[this.#state] += nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    this.#state = this.#stateNow();
    return true;
  }

  passed() {
    const ms = this.#lookedMs - this.#beganMs;
    return { ms, cloudMs: this.#spent.cloud, bootMs: this.#spent.boot };
  }

  #stateNow(): "rest" | "cloud" | "boot" {
    const { compute, clusters } = this.#it.cloud.state;
    const isServerBusy = [...compute.servers.values()].some((it) => it.taskState !== null || it.vmState === "deleted");
    const isClusterBusy = [...clusters.all.values()].some(
      (cluster) =>
        isInProgress(cluster) || cluster.groups.some((group) => isInProgress(group) || isInProgress(group.stack)),
    );
    if (isServerBusy || isClusterBusy) return "cloud";
    return this.#it.nodes.nodes.some(({ machine }) => machine.kernel === "booting") ? "boot" : "rest";
  }
}
