import { ApiClient } from "../support/api-client.ts";
import { startCloudNodes } from "../support/cloud-nodes/cloud-nodes.ts";
import { type Scenario, startScenario } from "../support/e2e-stage/scenario.ts";
import { eventually } from "../support/eventually.ts";
import { preferringNode } from "../support/fake-csi.ts";
import { guestServers } from "../support/libvirt-host/guest-servers.ts";
import type { LibvirtHost } from "../support/libvirt-host/start.ts";
import type { RecordedVersion } from "../support/recorder.ts";
import type { BenchOptions, Table } from "./benchmark.ts";
import { median, ratio, seconds, spread } from "./figures.ts";
import { lonelySet } from "./victims.ts";

/** Stock values of Kubernetes; the hollow kubelets' are stock by themselves (a Lease every 10 s). */
const stockPlane = { nodeGrace: "50s", nodeMonitor: "5s" };
const others = ["n1", "n2", "n3", "n4", "n5"];
const bootMs = 2_000;
/** Every Lease was seen to move by then. */
const settledMs = 11_000;
const mostMs = 150_000;

type Way = "destroyed" | "hung";

interface Fate {
  readonly way: Way;
  readonly releasedMs: number;
  readonly readyMs: number;
}

/** A real control plane with stock settings, and nodes beside the guests. */
export async function startHealingScene(guests: readonly string[], { program }: BenchOptions): Promise<Scenario> {
  return startScenario({
    plane: stockPlane,
    nodes: others.map((name) => ({ name })),
    command: await program(),
    config: {
      "cloud-provider": "libvirt",
      libvirt: { uris: ["qemu:///system"], machines: guests },
      "startup-delay": "0s",
      "check-delay-after-add": "0s",
    },
  });
}

/** Milliseconds after the blow, with Aceso's defaults. */
export async function healingTable(host: LibvirtHost, scene: Scenario, { say }: BenchOptions): Promise<Table> {
  const kubelets = new ApiClient(scene.plane.hollowAccess);
  const nodes = startCloudNodes({
    ...{ api: kubelets, cloud: guestServers(host), everyMs: 250, bootMs, providerID: "" },
  });
  try {
    for (const { uuid } of host.guests) nodes.watchServer(uuid);
    const names = host.guests.map(({ name }) => name);
    const byHand = await Promise.all(names.map((name) => cycleByHand(scene, host, name)));
    for (const name of names) await scene.create(preferringNode(name, lonelySet(name)));
    const replica = await scene.startReplica({ name: "replica-1", node: "n1" });
    await replica.line(/"leads"/, { withinMs: 60_000 });
    await Promise.all(names.map((name) => eventually(`the pod of ${name} runs there`, () => runsOn(scene, name))));
    say(`leads, settling for ${settledMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, settledMs));
    const ways = names.map((_, index): Way => (index === names.length - 1 ? "hung" : "destroyed"));
    const fates = await Promise.all(names.map((name, index) => strike(scene, host, name, ways[index] ?? "hung")));
    return toTable(fates, byHand);
  } finally {
    await nodes.stop();
    kubelets.close();
  }
}

/** What the machine itself takes: destroyed, started at once, Ready again. */
async function cycleByHand(scene: Scenario, host: LibvirtHost, name: string): Promise<number> {
  await eventually(`${name} is Ready`, () => scene.recorder.of("Node", name).some(isReady), { everyMs: 20 });
  const old = bootIdOf(scene.recorder.of("Node", name).at(-1));
  const begun = performance.now();
  await host.virsh("destroy", name);
  await host.virsh("start", name);
  return readyAnewMs(scene, name, old, begun);
}

async function strike(scene: Scenario, host: LibvirtHost, name: string, way: Way): Promise<Fate> {
  const old = bootIdOf(scene.recorder.of("Node", name).at(-1));
  const guest = host.guests.find((it) => it.name === name);
  const pod = `${name}-0`;
  const uid = scene.recorder.of("Pod", pod).at(-1)?.object.metadata.uid;
  const begun = performance.now();
  if (guest !== undefined && way === "hung") process.kill(await host.qemuPidOf(guest), "SIGSTOP");
  else await host.virsh("destroy", name);
  const isRelease = ({ type, object }: RecordedVersion) => type === "DELETED" && object.metadata.uid === uid;
  const released = () => scene.recorder.of("Pod", pod).find(isRelease);
  const { receivedAtMonoMs } = await eventually(`${pod} is released`, released, { withinMs: mostMs, everyMs: 50 });
  const readyMs = await readyAnewMs(scene, name, old, begun);
  return { way, releasedMs: receivedAtMonoMs - begun, readyMs };
}

/** @returns milliseconds from `begun` until it was seen Ready in another boot */
async function readyAnewMs(scene: Scenario, name: string, oldBootId: string, begun: number): Promise<number> {
  const isAnew = (it: RecordedVersion) => it.receivedAtMonoMs > begun && isReady(it) && bootIdOf(it) !== oldBootId;
  const look = () => scene.recorder.of("Node", name).find(isAnew);
  const seen = await eventually(`${name} is Ready anew`, look, { withinMs: mostMs, everyMs: 50 });
  return seen.receivedAtMonoMs - begun;
}

function runsOn({ recorder }: Scenario, name: string): boolean {
  const pod = recorder.of("Pod", `${name}-0`).at(-1)?.object;
  return pod?.status?.phase === "Running" && pod.spec.nodeName === name;
}

function isReady({ object }: RecordedVersion): boolean {
  const conditions: readonly { readonly type: string; readonly status: string }[] = object.status?.conditions ?? [];
  return conditions.some((it) => it.type === "Ready" && it.status === "True");
}

function bootIdOf(version: RecordedVersion | undefined): string {
  return version?.object.status?.nodeInfo?.bootID ?? "";
}

function toTable(fates: readonly Fate[], byHand: readonly number[]): Table {
  const row = (words: string, way: Way) => {
    const its = fates.filter((it) => it.way === way);
    const ready = its.map((it) => it.readyMs);
    return [
      words,
      spread(
        its.map((it) => it.releasedMs),
        seconds,
      ),
      spread(ready, seconds),
      ratio(median(ready) / median(byHand)),
    ];
  };
  return {
    title: "A guest is lost → …, medians (range)",
    columns: ["guest", "pods and volumes free", "node Ready again", "times by hand"],
    rows: [
      ["virsh destroy, then virsh start at once by hand", "–", spread(byHand, seconds), ratio(1)],
      row("virsh destroy, Aceso alone", "destroyed"),
      row("QEMU hangs (SIGSTOP), Aceso alone", "hung"),
    ],
    notes: [
      `Real libvirtd, ${fates.length} guests lost at once, without hardware virtualization; real control plane with stock settings; hollow kubelets, up ${bootMs / 1_000} s after the guest's boot.`,
      "Aceso's defaults but for startup-delay and check-delay-after-add: silence 25 s after the last heartbeat, which may be up to 10 s older than the loss; switched on 55 s after it.",
    ],
  };
}
