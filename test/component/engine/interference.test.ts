import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { type Healing, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name, bootMs: 60_000 }));

async function withLeader(): Promise<Healing> {
  const it = await startHealing({ nodes });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  return it;
}

function isTainted(node: ApiObject): boolean {
  return (node?.spec.taints ?? []).some((taint: ApiObject) => taint.key === "node.kubernetes.io/out-of-service");
}

test("nothing is decided while the API server is away, and no age grows meanwhile", async () => {
  await using it = await withLeader();
  const { clock, kube } = it.world;
  for (const listener of kube.listeners) listener.isSilent = true;
  await clock.advance(10 * 60_000);
  for (const listener of kube.listeners) listener.isSilent = false;
  await clock.advance(14_000);
  expect(it.repair("a") ?? it.repair("b") ?? it.repair("c")).toBeUndefined();
  await clock.advance(120_000);
  expect(kube.store.list("noderepairs")).toEqual([]);
  expect(it.provider.calls).toEqual([]);
});

test("a wall clock that jumps a day leads to no act", async () => {
  await using it = await withLeader();
  const { clock, kube } = it.world;
  clock.jumpWall(24 * 3_600_000);
  await clock.advance(120_000);
  clock.jumpWall(-48 * 3_600_000);
  await clock.advance(120_000);
  expect(kube.store.list("noderepairs")).toEqual([]);
  expect(it.provider.calls).toEqual([]);
});

test("a NodeRepair edited into nonsense is held with the reason, and what stands on the Node is kept", async () => {
  await using it = await withLeader();
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Recovering");
  it.world.kube.store.patch("noderepairs", "b", { status: { phase: "Levitating", plan: { mode: 7 } } });
  await it.untilPhase("b", "Held");
  expect(it.repair("b").status.reason).toBe("record-invalid");
  expect(it.repair("b").status.marks.cordon).toBeDefined();
  const powerOffs = it.provider.count("power-off");
  await it.world.clock.advance(600_000);
  expect(it.provider.count("power-off")).toBe(powerOffs);
});

test("a NodeRepair deleted in mid-repair is made anew from the node's marks, as held", async () => {
  await using it = await withLeader();
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Recovering");
  it.world.kube.store.remove("noderepairs", "b");
  await it.world.clock.runUntil(() => it.repair("b")?.status?.reason === "record-lost", 120_000, "record-lost");
  expect(it.repair("b").status).toMatchObject({ phase: "Held", outcome: "Held" });
});

test("a node whose record was lost is given back when it comes back", async () => {
  await using it = await withLeader();
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Recovering");
  it.world.kube.store.remove("noderepairs", "b");
  await it.world.clock.runUntil(() => it.repair("b")?.status?.phase === "Held", 120_000, "Held");
  await it.world.clock.runUntil(
    () => it.node("b").spec.unschedulable !== true && !isTainted(it.node("b")),
    600_000,
    "b back",
  );
  expect(it.repair("b").status.phase).toMatch(/Healed|Recovered/);
});

test("a Node removed before anything was done ends the repair; nothing is switched off", async () => {
  await using it = await withLeader();
  it.provider.isReadable = false;
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.repair("b")?.status?.phase === "Fencing", 300_000, "Fencing");
  it.world.kube.store.remove("nodes", "b");
  it.provider.isReadable = true;
  await it.world.clock.runUntil(() => it.repair("b")?.status?.phase === "Recovered", 300_000, "the end");
  expect(it.provider.count("power-off")).toBe(0);
  expect(it.repair("b").status.reason).toBe("node-gone");
});

test("a Node removed after the machine was switched off: the machine is brought back all the same", async () => {
  await using it = await withLeader();
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.provider.count("power-off") === 1, 300_000, "power-off");
  it.world.kube.store.remove("nodes", "b");
  await it.world.clock.runUntil(() => it.cluster.node("b").machine.isTalking, 600_000, "the machine back");
  await it.world.clock.runUntil(() => /Healed|Recovered|Held/.test(it.repair("b").status.phase), 1_800_000, "the end");
  expect(it.node("b").spec.unschedulable).toBeUndefined();
});

test("a provider that cannot say what the machine does holds, and never powers off", async () => {
  await using it = await withLeader();
  it.provider.isReadable = false;
  it.cluster.node("b").machine.hang();
  await it.world.clock.advance(1_800_000);
  expect(it.repair("b").status).toMatchObject({ phase: "Fencing", reason: "provider-unknown" });
  expect(it.provider.calls).toEqual([]);
  expect(isTainted(it.node("b"))).toBe(false);
});

test("a machine that will not go off is tried as often as allowed, then held", async () => {
  await using it = await withLeader();
  const { machine } = it.cluster.node("b");
  machine.powerOff = async () => undefined;
  machine.hang();
  await it.untilPhase("b", "Held", 3_600_000);
  expect(it.provider.count("power-off")).toBe(2);
  expect(isTainted(it.node("b"))).toBe(false);
});

test("a pause during the countdown stops it; without the pause the repair begins", async () => {
  await using it = await withLeader();
  it.world.kube.store.patch("daemonsets", "aceso/aceso", {
    metadata: { annotations: { "aceso.dev/paused": "upgrade" } },
  });
  it.cluster.node("b").machine.hang();
  await it.world.clock.advance(600_000);
  expect(it.repair("b")).toBeUndefined();
  it.world.kube.store.patch("daemonsets", "aceso/aceso", { metadata: { annotations: { "aceso.dev/paused": null } } });
  await it.untilPhase("b", "Healed");
});

test("a healed node is given back while everything is paused", async () => {
  await using it = await withLeader();
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Recovering");
  it.world.kube.store.patch("daemonsets", "aceso/aceso", {
    metadata: { annotations: { "aceso.dev/paused": "upgrade" } },
  });
  await it.untilPhase("b", "Healed");
  expect(it.node("b").spec.unschedulable).toBeUndefined();
});

test("a node cordoned by a person before it fell silent is left alone for cordoned-hold", async () => {
  await using it = await withLeader();
  it.world.kube.store.patch("nodes", "b", { spec: { unschedulable: true } });
  await it.world.clock.advance(30_000);
  it.cluster.node("b").machine.hang();
  await it.world.clock.advance(540_000);
  expect(it.repair("b")).toBeUndefined();
  await it.untilPhase("b", "Healed", 1_200_000);
  expect(it.node("b").spec.unschedulable).toBe(true);
});

test("two of three nodes ill at once: nothing is done", async () => {
  await using it = await withLeader();
  it.cluster.node("b").machine.hang();
  it.cluster.node("c").machine.hang();
  await it.world.clock.advance(600_000);
  expect(it.world.kube.store.list("noderepairs")).toEqual([]);
  expect(it.provider.calls).toEqual([]);
});

test("pods that hang in finalizers do not stand in the way of those behind them", async () => {
  await using it = await withLeader();
  const { store } = it.world.kube;
  const put = (name: string, metadata: object, tolerations: object[]) =>
    store.put("pods", {
      metadata: { name, namespace: "default", ...metadata },
      spec: { nodeName: "b", tolerations, containers: [{ name: "main", image: "simulated" }] },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    });
  for (let n = 10; n < 35; n += 1) put(`hanging-${n}`, { finalizers: ["example.org/wait"] }, []);
  for (let n = 0; n < 5; n += 1) put(`tolerant-${n}`, {}, [{ operator: "Exists" }]);
  it.cluster.node("b").machine.kill();
  const isGone = () => !store.list("pods").some((pod) => pod.metadata.name.startsWith("tolerant-"));
  await it.world.clock.runUntil(isGone, 120_000, "the pods behind the hanging ones to be gone");
  expect(it.repair("b").status.phase).toBe("Releasing");
  expect(store.list("pods").filter((pod) => pod.metadata.name.startsWith("hanging-"))).toHaveLength(25);
});
