import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";
import type { ReplacerOptions } from "../../support/hollow-replacer.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
const config = `${briskConfig}\nladder: {worker: [replace]}\n`;
const minuteMs = 60_000;

/** Its kubelet lives, and waits for a network that never comes. */
const neverReady = { readyOnlyWith: { label: "app", value: "network" } };
const sickSuccessor: ReplacerOptions = { nameOf: (old) => old, successor: neverReady };

/** Node b is replaced by a machine that is ill, under the same name. */
async function withSickSuccessor(replacing: ReplacerOptions): Promise<Healing> {
  const it = await startHealing({ nodes, config, replacing });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Held", 30 * minuteMs);
  return it;
}

function releaseHold(it: Healing): void {
  const askedAt = new Date(it.world.clock.now().wallMs).toISOString();
  it.world.kube.store.patch("noderepairs", "b", { spec: { request: { id: "go-on", kind: "release-hold", askedAt } } });
}

function marksOn(node: ApiObject): readonly string[] {
  const taints = (node.spec.taints ?? []).map((taint: ApiObject) => taint.key);
  return [...taints, ...Object.keys(node.metadata.annotations ?? {})].filter((it) => /out-of-service|marks/.test(it));
}

function eventsOf(it: Healing): readonly string[] {
  return it.world.kube.store.list("events").map((event) => `${event.reason}: ${event.note}`);
}

test("a sick successor of the same name is held; once the hold is released it has a repair of its own", async () => {
  await using it = await withSickSuccessor(sickSuccessor);
  expect(it.repair("b").status.replacement).toMatchObject({ machine: "vm-b", successor: "vm-b-next" });
  expect(it.provider.calls.map((call) => call.machine)).toEqual(["vm-b", "vm-b"]);

  releaseHold(it);
  await it.world.clock.runUntil(() => it.provider.count("replace") === 2, 30 * minuteMs, "its own replacement");

  const [, , ...later] = it.provider.calls.map(({ operation, machine }) => `${operation} ${machine}`);
  expect(later).toEqual(["power-off vm-b-next", "replace vm-b-next"]);
  const { status } = it.repair("b");
  expect(status.identity.machine).toBe("vm-b-next");
  expect(status.history.at(-1)).toMatchObject({ outcome: "Recovered", reason: "node-replaced" });
});

test("a sick successor that took the very Node and was never Ready gets it back without marks; a person is asked what it is", async () => {
  // the machine is gone and made anew before its Node could be deleted
  await using it = await withSickSuccessor({ ...sickSuccessor, goneAfterMs: 3_000, madeAfterMs: 500 });
  const { uid } = it.node("b").metadata;
  expect(it.repair("b").status.identity).toMatchObject({ nodeUid: uid, machine: "vm-b" });

  releaseHold(it);
  await it.untilPhase("b", "Recovered", 10 * minuteMs);
  expect(it.repair("b").status.reason).toBe("node-replaced");
  expect([marksOn(it.node("b")), it.node("b").spec.unschedulable]).toEqual([[], undefined]);

  // Only the Node itself says that it is another machine now, and who is root on a node can say so, too.
  await it.world.clock.advance(5 * minuteMs);
  expect(eventsOf(it)).toContainEqual(expect.stringMatching(/^RepairHeldBack: identity-changed: /));
  expect(it.provider.calls.map((call) => call.machine)).toEqual(["vm-b", "vm-b"]);
});
