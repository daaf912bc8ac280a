import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { systemClock } from "../../../src/app/clock.ts";
import { startControllers } from "../../sim/kube/controllers/start.ts";
import { KubeSimulator } from "../../sim/kube/simulator.ts";
import { type AcesoProcess, startAceso } from "../../support/aceso-process.ts";
import { eventually } from "../../support/eventually.ts";
import { findFreePort } from "../../support/free-port.ts";
import { type HollowCluster, startHollowCluster } from "../../support/hollow/cluster.ts";
import { InProcessApi } from "../../support/in-process-api.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { type LibvirtHost, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { makeProvider } from "./provider-rig.ts";

/** Nobody asks a hypervisor about all guests within the time of this test but once, at the beginning. */
const config = {
  "cloud-provider": "libvirt",
  libvirt: { uris: ["qemu:///system"], machines: ["aceso-e2e-*"] },
  "check-delay-after-add": "0s",
  "startup-delay": "0s",
  "recovery-hold": "10s",
  healthcheck: {
    worker: [
      { type: "NodeLease", params: { "unhealthy-duration": "55s" } },
      { type: "ProviderState", params: { interval: "1h", "unhealthy-duration": "0s" } },
    ],
  },
};
const soonMs = 1_000;

let host: LibvirtHost;
let guest: Guest;
let kube: KubeSimulator;
let pages: string;
let cluster: HollowCluster;
let aceso: AcesoProcess;
const parts = new AsyncDisposableStack();

/** One guest behind node `b`; the kubelets, the API server and the other machines are hollow. */
beforeAll(async () => {
  host = parts.use(await startLibvirtHost({ guests: 1 }));
  guest = host.guests[0]!;
  const folder = await mkdtemp(join(tmpdir(), "aceso-early-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  kube = new KubeSimulator({ clock: systemClock });
  await kube.start();
  parts.defer(() => kube.stop());
  const end = new AbortController();
  parts.defer(() => end.abort());
  startControllers(kube, end.signal);
  const api = new InProcessApi(kube);
  cluster = await startHollowCluster({ api, nodes: ["a", "b", "c"].map((name) => ({ name })), network: "none" });
  parts.defer(() => cluster.stop());
  kube.store.put("daemonsets", { metadata: { name: "aceso", namespace: "aceso" }, spec: {}, status: {} });
  await api.patch("/api/v1/nodes/b", { metadata: { annotations: { "aceso.dev/machine": guest.uuid } } });
  pages = `127.0.0.1:${await findFreePort()}`;
  const file = (name: string) => join(folder, name);
  await writeFile(file("config.yaml"), stringify(config));
  await writeFile(file("kubeconfig"), kube.kubeconfig("one"), { mode: 0o600 });
  aceso = await startAceso({
    name: "one",
    args: [
      ...["run", "--config", file("config.yaml"), "--kubeconfig", file("kubeconfig"), "--instance", "one"],
      ...["--namespace", "aceso", "--daemonset", "aceso"],
      ...["--set", "http.probes=off", "--set", `http.pages=${pages}`],
    ],
  });
  parts.defer(async () => void (await aceso.kill()));
  await aceso.line(/"leads"/);
});

afterAll(() => parts.disposeAsync());

/** How often the guest's power was asked for. */
async function observed(): Promise<number> {
  const text = await (await fetch(`http://${pages}/metrics`)).text();
  const counts = [...text.matchAll(/^aceso_provider_calls_total\{.*operation="observe".*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

const repair = () => kube.store.get("noderepairs", "b");
const state = () => host.virsh("domstate", guest.name);

test("virsh destroy: a repair begins within a second, while the kubelet's Lease is still fresh, and brings the guest back", async () => {
  await eventually("it is told, and looks", async () => {
    await host.virsh("suspend", guest.name);
    await host.virsh("resume", guest.name);
    return (await observed()) > 0;
  });
  expect(repair()).toBeUndefined();
  await host.virsh("destroy", guest.name);
  const destroyedAtMs = systemClock.now().monoMs;
  cluster.node("b").machine.kill();
  await eventually("the record", () => repair() !== undefined, { everyMs: 5, withinMs: 20_000 });
  const tookMs = systemClock.now().monoMs - destroyedAtMs;
  process.stderr.write(`virsh destroy to the record: ${Math.round(tookMs)} ms\n`);
  expect(tookMs).toBeLessThan(soonMs);
  await eventually("the guest runs again", async () => (await state()) === "running", { withinMs: 90_000 });
  const values = repair()?.status.evidence.map((it: { value: string }) => it.value);
  expect(values.length).toBeGreaterThanOrEqual(2);
  expect(new Set(values)).toEqual(new Set(["off"]));
}, 150_000);

test("the leaders after the first one are told, too, over the connection that is there, and each once", async () => {
  const provider = parts.adopt(await makeProvider({ uris: ["qemu:///system"] }), (it) => it.close?.());
  for (let term = 1; term <= 3; term += 1) {
    const hints: string[] = [];
    const end = new AbortController();
    const over = provider.watch?.((machine) => void hints.push(machine), end.signal);
    await eventually(`it listens in term ${term}`, async () => {
      await host.virsh("suspend", guest.name);
      await host.virsh("resume", guest.name);
      return hints.length > 0;
    });
    hints.length = 0;
    await host.virsh("suspend", guest.name);
    await host.virsh("resume", guest.name);
    await eventually("both hints", () => hints.length >= 2);
    end.abort();
    await over;
    await host.virsh("suspend", guest.name);
    await host.virsh("resume", guest.name);
    expect(hints).toEqual([guest.uuid, guest.uuid]);
  }
}, 60_000);
