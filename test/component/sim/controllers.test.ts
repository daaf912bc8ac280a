import { afterEach, beforeEach, expect, test } from "vitest";
import { startControllers } from "../../sim/kube/controllers/start.ts";
import { livingConditions, nodeDraft, nodeLeaseDraft, podDraft, statefulSetDraft } from "../../sim/kube/fixtures.ts";
import { type Fields, microTime } from "../../sim/kube/object.ts";
import { type SimulatedWorld, simulatedWorld } from "../../support/simulated-world.ts";

const outOfService = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };

let world: SimulatedWorld;
let stop: AbortController;
/** Nodes whose kubelet renews its Lease. */
let alive: Set<string>;

beforeEach(async () => {
  world = await simulatedWorld();
  stop = new AbortController();
  alive = new Set(["n1", "n2"]);
  for (const name of alive) world.kube.store.put("nodes", nodeDraft(name, world.clock.now().wallMs));
  startControllers(world.kube, stop.signal);
  void renewLeases().catch(() => undefined);
});

afterEach(async () => {
  stop.abort();
  await world[Symbol.asyncDispose]();
});

async function renewLeases(): Promise<void> {
  for (;;) {
    for (const name of alive) world.kube.store.put("leases", nodeLeaseDraft(name, world.clock.now().wallMs));
    await world.clock.sleep(10_000, stop.signal);
  }
}

const node = (name: string) => world.kube.store.get("nodes", name);
const pod = (name: string) => world.kube.store.get("pods", `default/${name}`);
const readiness = (name: string) => node(name)?.status.conditions.find((one: Fields) => one.type === "Ready").status;
const taintKeys = (name: string) => (node(name)?.spec.taints ?? []).map((one: Fields) => `${one.key}:${one.effect}`);
const attachedTo = () => world.kube.store.list("volumeattachments").map((one) => one.spec.nodeName);

async function die(name: string): Promise<void> {
  alive.delete(name);
  await world.clock.runUntil(() => readiness(name) === "Unknown", 61_000, `${name} to be Unknown`);
  await world.clock.advance(200);
}

function taint(name: string): void {
  world.kube.store.patch("nodes", name, { spec: { taints: [...(node(name)?.spec.taints ?? []), outOfService] } });
}

test("a node whose Lease stands still becomes Unknown and unreachable, and loses the taints when its kubelet posts again", async () => {
  await world.clock.advance(120_000);
  expect(readiness("n1")).toBe("True");
  alive.delete("n1");
  const took = await world.clock.runUntil(() => readiness("n1") === "Unknown", 61_000);
  expect(took).toBeGreaterThan(40_000);
  await world.clock.advance(200);
  expect(taintKeys("n1")).toEqual([
    "node.kubernetes.io/unreachable:NoSchedule",
    "node.kubernetes.io/unreachable:NoExecute",
  ]);

  alive.add("n1");
  world.kube.store.patch("nodes", "n1", { status: { conditions: livingConditions(world.clock.now().wallMs) } });
  world.kube.store.patch("leases", "kube-node-lease/n1", { spec: { renewTime: microTime(world.clock.now().wallMs) } });
  await world.clock.runUntil(() => taintKeys("n1").length === 0, 1_000, "the taints to go");
  expect(readiness("n1")).toBe("True");
});

test("unreachable evicts after 300 s, and the pod then stays Terminating for ever", async () => {
  world.kube.call("POST", "/api/v1/namespaces/default/pods", podDraft("p", "n1"));
  await die("n1");
  await world.clock.runUntil(() => pod("p")?.metadata.deletionTimestamp !== undefined, 310_000, "the eviction");
  await world.clock.advance(600_000);
  expect(pod("p")?.metadata.deletionTimestamp).toBeDefined();
});

test("the out-of-service taint frees pods and volumes: the StatefulSet runs on the other node, attached there", async () => {
  await world.clock.advance(1);
  world.kube.store.patch("nodes", "n2", { spec: { unschedulable: true } });
  await world.clock.advance(1_000);
  world.kube.store.put("statefulsets", statefulSetDraft("web", 1, { hasVolumes: true }));
  await world.clock.runUntil(() => attachedTo().length === 1, 5_000, "the attachment");
  expect([pod("web-0")?.spec.nodeName, attachedTo()]).toEqual(["n1", ["n1"]]);
  world.kube.store.patch("nodes", "n2", { spec: { unschedulable: null } });

  await die("n1");
  taint("n1");
  await world.clock.advance(200);
  expect(pod("web-0")?.metadata.deletionTimestamp).toBeDefined();
  const took = await world.clock.runUntil(() => attachedTo()[0] === "n2", 30_000, "the attachment to move");
  expect(took).toBeLessThan(22_000);
  expect(pod("web-0")?.spec.nodeName).toBe("n2");
});

test("without the taint a force-deleted pod's volume is detached only after six minutes", async () => {
  world.kube.store.put("statefulsets", statefulSetDraft("web", 1, { hasVolumes: true }));
  await world.clock.runUntil(() => attachedTo().length === 1, 5_000, "the attachment");
  const first = pod("web-0")?.spec.nodeName;
  await die(first);
  world.kube.call("DELETE", "/api/v1/namespaces/default/pods/web-0", { gracePeriodSeconds: 0 });
  await world.clock.advance(300_000);
  expect(pod("web-0")?.spec.nodeName).not.toBe(first);
  expect(attachedTo()).toEqual([first]);
  const took = await world.clock.runUntil(
    () => attachedTo()[0] !== first && attachedTo().length === 1,
    70_000,
    "the detach",
  );
  expect(took).toBeGreaterThan(50_000);
});

test("a taint on a Ready node evicts but does not force-delete until the node dies: a loaded gun", async () => {
  world.kube.call("POST", "/api/v1/namespaces/default/pods", podDraft("p", "n1"));
  taint("n1");
  await world.clock.advance(120_000);
  expect(pod("p")?.metadata.deletionTimestamp).toBeDefined();
  await die("n1");
  await world.clock.runUntil(() => pod("p") === undefined, 21_000, "the pod to be collected");
});

test("pods that tolerate everything stay on a tainted dead node", async () => {
  world.kube.call(
    "POST",
    "/api/v1/namespaces/default/pods",
    podDraft("p", "n1", { spec: { tolerations: [{ operator: "Exists" }] } }),
  );
  await die("n1");
  taint("n1");
  await world.clock.advance(60_000);
  expect(pod("p")?.metadata.deletionTimestamp).toBeUndefined();
});

test("pods of a deleted Node are collected after a quarantine of 40 s", async () => {
  world.kube.call("POST", "/api/v1/namespaces/default/pods", podDraft("p", "n1"));
  world.kube.store.remove("nodes", "n1");
  const took = await world.clock.runUntil(() => pod("p") === undefined, 90_000, "the pod to be collected");
  expect(took).toBeGreaterThanOrEqual(40_000);
});
