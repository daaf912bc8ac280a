import { describe, expect, test } from "vitest";
import { eventReasons } from "../../../src/core/event-reasons.ts";
import type { ApiObject } from "../../support/api-client.ts";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));

/** The Events about one kind of object of the name `b`, in the order in which they were written. */
function eventsOf(it: Healing, kind: "Node" | "NodeRepair"): ApiObject[] {
  return it.world.kube.store
    .list("events")
    .filter(({ regarding }: ApiObject) => regarding.kind === kind && regarding.name === "b");
}

describe("the events of a repair", () => {
  test("tell each phase once, on the Node and on its NodeRepair, in sentences about the node", async () => {
    await using it = await startHealing({ nodes });
    await it.startReplica("one");
    await it.world.clock.advance(20_000);
    it.cluster.node("b").machine.hang();
    await it.untilPhase("b", "Healed");
    await it.world.clock.settle();
    const phases = ["Cordoning", "Fencing", "Releasing", "Restoring", "Recovering", "Unfencing", "Healed"];
    const onNode = eventsOf(it, "Node").filter(({ reason }) => reason !== "RepairHeldBack");
    const onRepair = eventsOf(it, "NodeRepair").filter(({ reason }) => reason !== "RepairHeldBack");
    expect(onNode.map(({ reason }) => reason)).toEqual(phases.map((phase) => `Repair${phase}`));
    expect(onRepair.map(({ reason, note }) => [reason, note])).toEqual(
      onNode.map(({ reason, note }) => [reason, note]),
    );
    for (const { note, reason, type } of onNode) {
      expect(note).toMatch(/^b (is|was|came) .+ \(.+\)$/);
      expect(type).toBe(eventReasons[reason as keyof typeof eventReasons].type);
    }
    expect(onNode.find(({ reason }) => reason === "RepairReleasing")?.note).toMatch(/; evidence: .+ says of .+: .+\)$/);
    const { metadata } = it.repair("b");
    expect(new Set(onRepair.map(({ regarding }) => regarding.uid))).toEqual(new Set([metadata.uid]));
  });

  test("end with a warning where it ends as held", async () => {
    await using it = await startHealing({ nodes, config: `${briskConfig}\nfencing: {power-off-timeout: 10s}\n` });
    await it.startReplica("one");
    await it.world.clock.advance(20_000);
    it.provider.observed = { power: "unknown", text: "the host does not answer" };
    it.cluster.node("b").machine.hang();
    await it.untilPhase("b", "Held", 1_200_000);
    await it.world.clock.settle();
    for (const kind of ["Node", "NodeRepair"] as const)
      expect(eventsOf(it, kind).at(-1)).toMatchObject({
        type: "Warning",
        reason: "RepairHeld",
        action: "Held-ladder-exhausted",
        note: expect.stringMatching(/^b is held: .+\(Every rung has used up its attempts\./),
      });
  });

  test("before a repair stand on the Node alone: there is no NodeRepair yet", async () => {
    await using it = await startHealing({ nodes, config: `${briskConfig}\ndry-run: true\n` });
    await it.startReplica("one");
    await it.world.clock.advance(20_000);
    it.cluster.node("b").machine.hang();
    const held = () => eventsOf(it, "Node").filter(({ action }) => action === "Deciding-dry-run");
    await it.world.clock.runUntil(() => held().length > 0, 600_000, "an Event of the hold");
    await it.world.clock.advance(300_000);
    expect(held()).toHaveLength(1);
    expect(held()[0]?.note).toMatch(/^dry-run: .+ Cause: .+/);
    expect(eventsOf(it, "NodeRepair")).toEqual([]);
  });
});
