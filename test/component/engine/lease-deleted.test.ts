import { expect, test } from "vitest";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
const leaseOfB = "kube-node-lease/b";

async function withLeader(config: string): Promise<Healing> {
  const it = await startHealing({ nodes, config, replacing: { nameOf: (old) => `${old}-2` } });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  return it;
}

test("the Node of a replaced machine goes although somebody deleted its kubelet's Lease, once there was none for a minute", async () => {
  await using it = await withLeader(`${briskConfig}\nladder: {worker: [replace]}\n`);
  const { clock, kube } = it.world;
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Recovering");
  kube.store.remove("leases", leaseOfB);
  const tookMs = await clock.runUntil(() => it.node("b") === undefined, 300_000, "the end of Node b");
  expect(tookMs).toBeGreaterThanOrEqual(60_000);
  await it.untilPhase("b", "Healed");
  expect(it.repair("b").status.reason).toBe("replaced");
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["power-off", "replace"]);
});

test("a living kubelet whose Lease was deleted makes it anew, and nothing is done to its node", async () => {
  await using it = await withLeader(briskConfig);
  const { clock, kube } = it.world;
  kube.store.remove("leases", leaseOfB);
  await clock.runUntil(() => kube.store.get("leases", leaseOfB) !== undefined, 60_000, "a new Lease");
  await clock.advance(180_000);
  expect(it.repair("b")).toBeUndefined();
  expect(it.provider.calls).toEqual([]);
});
