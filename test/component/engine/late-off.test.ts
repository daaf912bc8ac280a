import { expect, test } from "vitest";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));

test("the hold of a machine that nobody can judge says why", async () => {
  await using it = await startHealing({ nodes });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  it.provider.observe = async () => {
    throw new Error("the compute host of server vm-b is down; status ACTIVE says nothing");
  };
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.repair("b")?.status.reason === "provider-unknown", 300_000, "the hold");
  expect(it.repair("b").status.message).toContain(
    "the compute host of server vm-b is down; status ACTIVE says nothing",
  );
});

test("a power-off that is known to have failed is asked for again at once, not after its timeout", async () => {
  await using it = await startHealing({ nodes });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  const { machine } = it.cluster.node("b");
  const powerOff = machine.powerOff.bind(machine);
  let tries = 0;
  machine.powerOff = async () => {
    tries += 1;
    if (tries === 1) it.provider.observed = { power: "on", text: "ACTIVE", failedAct: "stop: Error" };
    else {
      it.provider.observed = undefined;
      await powerOff();
    }
  };
  machine.hang();
  await it.untilPhase("b", "Healed");
  const [first, second] = it.provider.calls.filter((call) => call.operation === "power-off");
  const apartMs = (second?.atMonoMs ?? 0) - (first?.atMonoMs ?? 0);
  expect(apartMs).toBeGreaterThanOrEqual(5_000);
  expect(apartMs).toBeLessThan(20_000);
  expect(it.repair("b").status.attempt).toBe(1);
});

test("a power-off that fails each time is held with the owner's words", async () => {
  await using it = await startHealing({ nodes, config: `${briskConfig}\nfencing: {power-off-timeout: 30s}\n` });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  const { machine } = it.cluster.node("b");
  machine.powerOff = async () => {
    it.provider.observed = { power: "on", text: "ACTIVE", failedAct: "stop: Error" };
  };
  machine.hang();
  await it.untilPhase("b", "Held", 1_200_000);
  expect(it.repair("b").status).toMatchObject({ reason: "ladder-exhausted" });
  expect(it.repair("b").status.message).toContain("stop: Error");
});

const late = "our own earlier power-off was still pending";

/** What the events say of each time that pods were freed. */
function releasedFor(it: Healing): string {
  const events = it.world.kube.store
    .list("events")
    .filter((event) => event.reason === "RepairReleasing" && (event.regarding as { kind: string }).kind === "Node");
  return events.map((event) => event.note).join("; ");
}

/** A machine whose host is dead: what is asked of it is accepted, left undone, and carried out when the host returns. */
async function withDeadHost() {
  const it = await startHealing({ nodes, config: `${briskConfig}\nfencing: {power-off-timeout: 30s}\n` });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  const { machine } = it.cluster.node("b");
  const carryOut = machine.powerOff.bind(machine);
  machine.powerOff = async () => {
    it.provider.observed = { power: "changing", text: "ACTIVE, task powering-off" };
  };
  machine.partition();
  return { it, machine, carryOut };
}

test("a node whose host returns is not given back while our power-off is pending, and is brought back when it goes off", async () => {
  const { it, machine, carryOut } = await withDeadHost();
  await using _ = it;
  await it.untilPhase("b", "Held", 1_200_000);
  expect(it.repair("b").status.pendingOff).toMatchObject({ machine: "vm-b" });
  machine.reconnect();
  await it.world.clock.advance(120_000);
  expect(it.repair("b").status.phase).toBe("Unfencing");
  expect(it.node("b").spec.unschedulable).toBe(true);
  it.provider.observed = undefined;
  void carryOut();
  await it.world.clock.runUntil(() => releasedFor(it).includes(late), 600_000, "the release");
  machine.powerOff = carryOut;
  await it.untilPhase("b", "Healed");
  expect(it.provider.count("power-on")).toBe(1);
  expect(it.repair("b").status.pendingOff).toBeUndefined();
});

test("a machine that goes off while its repair is held is released and switched on", async () => {
  const { it, machine, carryOut } = await withDeadHost();
  await using _ = it;
  await it.untilPhase("b", "Held", 1_200_000);
  it.provider.observed = undefined;
  machine.reconnect();
  void carryOut();
  await it.untilPhase("b", "Healed");
  expect(it.provider.count("power-on")).toBe(1);
});

test("a machine that goes off after its node was given back is found off, and the new repair says why", async () => {
  const { it, machine, carryOut } = await withDeadHost();
  await using _ = it;
  await it.untilPhase("b", "Held", 1_200_000);
  it.provider.observed = undefined;
  machine.reconnect();
  await it.untilPhase("b", "Healed");
  void carryOut();
  await it.world.clock.runUntil(() => releasedFor(it).includes(late), 600_000, "the release");
  await it.untilPhase("b", "Healed");
});
