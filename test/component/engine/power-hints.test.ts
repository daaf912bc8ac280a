import { expect, test } from "vitest";
import { type Healing, type HealingOptions, startHealing } from "../../support/healing.ts";

const names = ["a", "b", "c", "d", "e"];
const nodes = names.map((name) => ({ name }));

const judging = `
check-delay-after-add: 0s
startup-delay: 0s
recovery-hold: 10s
silence: 15s
exec: {command: [/bin/false]}
healthcheck:
  worker:
    - {type: NodeLease, params: {unhealthy-duration: 30s}}
    - {type: ProviderState, params: {unhealthy-duration: 0s, interval: 10m}}
`;

interface Leading {
  readonly tells?: boolean;
  readonly options?: Partial<HealingOptions>;
}

async function withLeader({ tells = true, options = {} }: Leading = {}): Promise<Healing> {
  const it = await startHealing({ nodes, ...options });
  if (tells) it.provider.tellOfPower();
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  return it;
}

/** From the plug pulled to the node's taint. */
async function msToTaint(it: Healing, node: string): Promise<number> {
  it.cluster.node(node).machine.kill();
  const isTainted = () =>
    it.node(node)?.spec.taints?.some((taint: { key: string }) => taint.key.endsWith("/out-of-service")) === true;
  return await it.world.clock.runUntil(isTainted, 120_000, "the taint");
}

test("a machine that goes off is asked about at once, and again for the proof, long before its node is silent", async () => {
  await using it = await withLeader();
  expect(it.provider.asked.observe).toBe(0);
  it.cluster.node("b").machine.kill();
  await it.world.clock.settle();
  expect(it.provider.asked.observe).toBe(1);
  await it.world.clock.advance(5_000);
  expect(it.provider.asked.observe).toBe(2);
  expect(it.repair("b")).toBeUndefined();
  await it.untilPhase("b", "Healed");
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["power-on"]);
});

test("its pods are freed as soon as its node is silent: the proof is there by then", async () => {
  await using told = await withLeader();
  await using untold = await withLeader({ tells: false });
  const [early, late] = [await msToTaint(told, "b"), await msToTaint(untold, "b")];
  expect(early).toBeLessThanOrEqual(late - 1_900);
  expect(told.repair("b").status.evidence).toHaveLength(2);
});

test("with ProviderState a repair begins within a second, not at the next round", async () => {
  await using it = await withLeader({ options: { config: judging } });
  it.cluster.node("b").machine.kill();
  expect(await it.world.clock.runUntil(() => it.repair("b") !== undefined, 60_000, "a repair")).toBeLessThan(1_000);
});

test("a hint of a machine that reads on changes nothing, however often it comes", async () => {
  await using it = await withLeader({ options: { config: judging } });
  const before = it.provider.asked.observe;
  for (let second = 0; second < 60; second += 1) {
    for (let time = 0; time < 20; time += 1) it.provider.hint("vm-b");
    await it.world.clock.advance(1_000);
  }
  expect(it.provider.asked.observe - before).toBeLessThanOrEqual(121);
  expect([it.repair("b"), it.provider.calls]).toEqual([undefined, []]);
  expect(it.node("b").spec.unschedulable).toBeUndefined();
});

test("a machine that is no node's is not asked about", async () => {
  await using it = await withLeader();
  it.provider.hint("vm-elsewhere");
  await it.world.clock.advance(30_000);
  expect(it.provider.asked.observe).toBe(0);
});

test("a machine that reads off under a kubelet that renews its Lease is not touched", async () => {
  await using it = await withLeader();
  it.provider.observed = { power: "off", text: "another machine" };
  it.provider.hint("vm-b");
  await it.world.clock.advance(300_000);
  expect([it.repair("b"), it.provider.calls]).toEqual([undefined, []]);
  expect(it.node("b").spec.taints ?? []).toEqual([]);
});

test("a storm of hints holds up no repair", async () => {
  const storm = (it: Healing) => {
    for (const name of names) if (name !== "b") it.provider.hint(`vm-${name}`);
  };
  const msToHeal = async (isStormy: boolean) => {
    await using it = await withLeader();
    const { clock } = it.world;
    it.cluster.node("b").machine.hang();
    const isHealed = () => it.repair("b")?.status?.phase === "Healed";
    const begunMs = clock.now().monoMs;
    while (!isHealed() && clock.now().monoMs - begunMs < 600_000) {
      if (isStormy) storm(it);
      await clock.advance(250);
    }
    expect(isHealed()).toBe(true);
    return clock.now().monoMs - begunMs;
  };
  const [stormy, calm] = [await msToHeal(true), await msToHeal(false)];
  expect(stormy - calm).toBeLessThanOrEqual(1_000);
});

test("a hint while the machine is being switched off makes the repair look now, not at its next look", async () => {
  await using it = await withLeader({ options: { nodes: names.map((name) => ({ name, powerOffMs: 5_300 })) } });
  const { clock } = it.world;
  const { machine } = it.cluster.node("b");
  machine.hang();
  await clock.runUntil(() => machine.power === "changing", 300_000, "power-off");
  let before = 0;
  machine.onChange(() => {
    before = it.provider.asked.observe;
  });
  await clock.runUntil(() => machine.power === "off", 60_000, "off");
  expect(it.provider.asked.observe).toBe(before + 1);
  await it.untilPhase("b", "Healed");
  expect(it.provider.count("power-off")).toBe(1);
});

test("only the leader is told: a watch ends with the term, and the next leader has its own", async () => {
  await using it = await startHealing({ nodes });
  it.provider.tellOfPower();
  const one = await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  await it.startReplica("two", "c");
  await it.world.clock.advance(20_000);
  expect(it.provider.watchers.size).toBe(1);
  await one.stop();
  await it.world.clock.advance(5_000);
  expect(it.provider.watchers.size).toBe(1);
  const before = it.provider.asked.observe;
  it.cluster.node("b").machine.kill();
  await it.world.clock.settle();
  expect(it.provider.asked.observe).toBe(before + 1);
});
