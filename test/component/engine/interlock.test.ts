import { expect, test } from "vitest";
import type { Interlock } from "../../../src/plugin-api/index.ts";
import { type Healing, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));

/** A leader whose provider has interlocks, none in force. */
async function withLeader(): Promise<{ it: Healing; say: (what: Interlock | "unreadable" | undefined) => void }> {
  const it = await startHealing({ nodes });
  let said: Interlock | "unreadable" | undefined;
  it.provider.lock(() => {
    if (said === "unreadable") throw new Error("keystone does not answer");
    return said;
  });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  return { it, say: (what) => (said = what) };
}

const busy = (stops: Interlock["stops"]): Interlock => ({ stops, because: "cluster k8s is UPDATE_IN_PROGRESS" });

test.each(["destruction", "machine", "everything"] as const)(
  "an interlock over %s lets no repair of a hung machine begin",
  async (stops) => {
    const { it, say } = await withLeader();
    await using _ = it;
    say(busy(stops));
    it.cluster.node("b").machine.hang();
    await it.world.clock.advance(600_000);
    expect(it.repair("b")).toBeUndefined();
    expect(it.provider.calls).toEqual([]);
    say(undefined);
    await it.untilPhase("b", "Healed");
  },
);

test("a machine found off is released and switched on while only destruction is forbidden", async () => {
  const { it, say } = await withLeader();
  await using _ = it;
  say(busy("destruction"));
  it.cluster.node("b").machine.kill();
  await it.untilPhase("b", "Healed");
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["power-on"]);
});

test("a machine found off is released, but not switched on, while acts on machines are forbidden", async () => {
  const { it, say } = await withLeader();
  await using _ = it;
  say(busy("machine"));
  it.cluster.node("b").machine.kill();
  await it.untilPhase("b", "Restoring");
  await it.world.clock.advance(300_000);
  expect(it.repair("b").status).toMatchObject({ phase: "Restoring", reason: "interlock" });
  expect(it.repair("b").status.message).toContain("UPDATE_IN_PROGRESS");
  expect(it.provider.calls).toEqual([]);
  say(undefined);
  await it.untilPhase("b", "Healed");
});

test("nothing is done about a machine found off while everything is forbidden", async () => {
  const { it, say } = await withLeader();
  await using _ = it;
  say(busy("everything"));
  it.cluster.node("b").machine.kill();
  await it.world.clock.advance(600_000);
  expect(it.repair("b")).toBeUndefined();
});

test("an owner that never answered forbids everything; one that answered once forbids what touches a machine", async () => {
  await using it = await startHealing({ nodes });
  let answers = 0;
  it.provider.lock(() => {
    answers -= 1;
    if (answers < 0) throw new Error("keystone does not answer");
    return undefined;
  });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.kill();
  await it.world.clock.advance(600_000);
  expect(it.repair("b")).toBeUndefined();
  answers = 1;
  await it.world.clock.advance(600_000);
  expect(it.repair("b").status).toMatchObject({ phase: "Restoring", reason: "interlock" });
  expect(it.repair("b").status.message).toContain("keystone does not answer");
});

test("an interlock that comes up right before the act stops it, also in the middle of a repair", async () => {
  const { it, say } = await withLeader();
  await using _ = it;
  it.cluster.node("b").machine.hang();
  const powerOff = it.provider.powerOff.bind(it.provider);
  let isFirst = true;
  it.provider.powerOff = async (act) => {
    if (isFirst) say(busy("destruction"));
    isFirst = false;
    return powerOff(act);
  };
  await it.world.clock.runUntil(() => it.repair("b")?.status.reason === "interlock", 300_000, "the hold");
  expect(it.provider.calls).toEqual([]);
  expect(it.repair("b").status.phase).toBe("Fencing");
  say(undefined);
  await it.untilPhase("b", "Healed");
  expect(it.provider.count("power-off")).toBe(1);
});

test("an owner that takes long to say that it forbids nothing does not make the proof too old to act upon", async () => {
  await using it = await startHealing({ nodes });
  it.provider.interlock = async () => {
    await it.world.clock.sleep(12_000);
    return undefined;
  };
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  expect(it.provider.calls.map(({ operation }) => operation)).toEqual(["power-off", "power-on"]);
});

test("the owner is asked a few times in a repair, and never about nodes that are well", async () => {
  const { it } = await withLeader();
  await using _ = it;
  await it.world.clock.advance(600_000);
  expect(it.provider.asked).toMatchObject({ interlock: 0, observe: 0 });
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  expect(it.provider.asked.interlock).toBeGreaterThan(3);
  expect(it.provider.asked.interlock).toBeLessThan(20);
});

test("the owner is told that the cluster is ill, and that it is well again, in words that do not change each second", async () => {
  await using it = await startHealing({ nodes });
  const told: string[] = [];
  it.provider.reportHealth = async ({ ill, nodes: count }) => {
    told.push(`${count}: ${ill.map(({ node, reason }) => `${node} ${reason}`).join(", ")}`);
  };
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  await it.world.clock.advance(30_000);
  expect(told.at(0)).toBe("3: ");
  expect(told.at(-1)).toBe("3: ");
  expect(told).toContain("3: b under repair (power-cycle)");
  expect(told.length).toBeLessThanOrEqual(5);
});

test("a machine that the owner calls off is ill by ProviderState, though its kubelet still seems to answer", async () => {
  const config = `
check-delay-after-add: 0s
startup-delay: 0s
healthcheck:
  worker: [{type: ProviderState, params: {interval: 10s, unhealthy-duration: 1m}}]
exec: {command: [/bin/true]}
`;
  await using it = await startHealing({ nodes, config });
  it.provider.survey = async () => {
    it.provider.asked.survey += 1;
    return new Map(
      it.cluster.machines.map((machine) => [
        machine.id,
        { power: "on" as const, text: "ACTIVE", ...fault(machine.id) },
      ]),
    );
  };
  const fault = (id: string) => (id === "vm-b" ? { fault: "status ERROR" } : {});
  await it.startReplica("one", "a");
  await it.world.clock.runUntil(() => it.repair("b") !== undefined, 180_000, "the repair");
  expect(it.repair("b").status.message).toBeTypeOf("string");
  expect(it.provider.asked.survey).toBeGreaterThan(5);
  expect(it.repair("a") ?? it.repair("c")).toBeUndefined();
});
