import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";
import type { ReplacerOptions } from "../../support/hollow-replacer.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
const config = `${briskConfig}\nladder: {worker: [replace]}\n`;

async function withLeader(replacing: ReplacerOptions): Promise<Healing> {
  const it = await startHealing({ nodes, config, replacing });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  return it;
}

const newName: ReplacerOptions = { nameOf: (old) => `${old}-2` };
const sameName: ReplacerOptions = { nameOf: (old) => old };

function isTainted(node: ApiObject | undefined): boolean {
  return (node?.spec.taints ?? []).some((taint: ApiObject) => taint.key === "node.kubernetes.io/out-of-service");
}

test("a replaced machine's Node is deleted when the machine is gone, and the repair ends with its successor", async () => {
  await using it = await withLeader(newName);
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  const { status } = it.repair("b");
  expect(status).toMatchObject({ reason: "replaced", message: "node b-2 (machine vm-b-next) took its place" });
  expect(status.replacement).toMatchObject({ machine: "vm-b", successor: "vm-b-next" });
  expect(it.node("b")).toBeUndefined();
  expect(it.node("b-2").spec.unschedulable).toBeUndefined();
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["power-off", "replace"]);
});

test("a successor of the same name is given back, and the repair says that it is another machine", async () => {
  await using it = await withLeader(sameName);
  const uid = it.node("b").metadata.uid;
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  expect(it.repair("b").status).toMatchObject({ reason: "replaced" });
  expect(it.repair("b").status.message).toContain("vm-b-next");
  expect(it.node("b").metadata.uid).not.toBe(uid);
  expect(isTainted(it.node("b"))).toBe(false);
  expect(it.node("b").spec.unschedulable).toBeUndefined();
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["power-off", "replace"]);
});

test("a successor that takes over the very Node object is given back, too; its Node is never deleted", async () => {
  await using it = await withLeader({ ...sameName, goneAfterMs: 3_000, madeAfterMs: 500 });
  const uid = it.node("b").metadata.uid;
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  expect(it.repair("b").status).toMatchObject({ reason: "replaced" });
  expect(it.node("b").metadata.uid).toBe(uid);
  expect(isTainted(it.node("b"))).toBe(false);
});

test("a cloud controller may delete the Node first", async () => {
  await using it = await withLeader(newName);
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.provider.count("replace") === 1, 300_000, "replace");
  it.world.kube.store.remove("nodes", "b");
  await it.untilPhase("b", "Healed");
  expect(it.repair("b").status.reason).toBe("replaced");
});

test("a request that came to nothing is not repeated: the repair is held with words", async () => {
  await using it = await withLeader(newName);
  (it.provider.replacement ?? never()).losesNext = true;
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Held");
  expect(it.repair("b").status).toMatchObject({ reason: "ladder-exhausted" });
  expect(it.repair("b").status.message).toContain("its owner never began to replace it");
  expect(it.provider.count("replace")).toBe(1);
  expect(it.node("b")).toBeDefined();
});

test("a replacement that its owner gives up is held with the owner's words, and nothing is deleted", async () => {
  await using it = await withLeader(newName);
  (it.provider.replacement ?? never()).failsNext = "stack UPDATE_FAILED: no valid host";
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Held");
  expect(it.repair("b").status.message).toContain("stack UPDATE_FAILED: no valid host");
  expect(it.node("b")).toBeDefined();
});

test("while its owner cannot be asked nothing is concluded, for however long", async () => {
  await using it = await withLeader(newName);
  const replacer = it.provider.replacement ?? never();
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Recovering");
  replacer.isReadable = false;
  await it.world.clock.advance(600_000);
  expect(it.repair("b").status).toMatchObject({ phase: "Recovering", reason: "provider-unknown" });
  expect(it.node("b")).toBeDefined();
  replacer.isReadable = true;
  await it.untilPhase("b", "Healed");
});

test("a successor that never becomes Ready is held with words, and given back when it does after all", async () => {
  await using it = await withLeader({ ...newName, madeAfterMs: 5_000 });
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.cluster.nodes.some((node) => node.name === "b-2"), 600_000, "b-2");
  it.cluster.node("b-2").machine.hang();
  await it.world.clock.runUntil(() => it.node("b-2") !== undefined, 60_000, "Node b-2");
  // else it would be repaired like any other node as soon as the first repair is over
  it.world.kube.store.patch("nodes", "b-2", { metadata: { annotations: { "aceso.dev/paused": "by the test" } } });
  await it.untilPhase("b", "Held", 1_200_000);
  expect(it.repair("b").status).toMatchObject({ reason: "replacement-failed" });
  const { machine } = it.cluster.node("b-2");
  machine.kill();
  void machine.powerOn();
  await it.untilPhase("b", "Healed", 1_200_000);
  expect(it.repair("b").status.reason).toBe("replaced");
});

test("no repair of the successor begins while it is waited for", async () => {
  await using it = await withLeader({ ...newName, madeAfterMs: 5_000 });
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.node("b-2") !== undefined, 600_000, "b-2");
  await it.world.clock.advance(5_000);
  it.cluster.node("b-2").machine.kill();
  await it.untilPhase("b", "Held", 1_200_000);
  expect(it.repair("b-2")).toBeUndefined();
});

test("a machine that is gone before anything was done is released, and the ladder climbs to replace", async () => {
  await using it = await startHealing({
    nodes,
    config: `${briskConfig}\nladder: {worker: [power-cycle, replace]}\n`,
    replacing: newName,
  });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  const replacer = it.provider.replacement ?? never();
  it.provider.faults.set("power-on", ["give-up"]);
  it.cluster.node("b").machine.kill();
  await it.untilPhase("b", "Healed", 1_200_000);
  expect(it.repair("b").status.reason).toBe("replaced");
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["replace"]);
  expect(replacer.jobs.size).toBe(1);
});

test("a plan that cannot be read asks for nothing, and is read again", async () => {
  await using it = await withLeader(newName);
  const replacer = it.provider.replacement ?? never();
  const plan = replacer.plan.bind(replacer);
  let isBroken = true;
  replacer.plan = async (machine) => {
    if (isBroken) throw new Error("no plan");
    return plan(machine);
  };
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(
    () => it.repair("b")?.status.result?.message === "planning it: no plan",
    300_000,
    "a plan that fails",
  );
  expect(it.provider.count("replace")).toBe(0);
  isBroken = false;
  await it.untilPhase("b", "Healed");
  expect(it.provider.count("replace")).toBe(1);
});

function never(): never {
  throw new Error("the world has no replacer");
}
