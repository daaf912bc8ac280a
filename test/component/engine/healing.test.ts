import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { startHealing } from "../../support/healing.ts";

function outOfService(node: ApiObject): boolean {
  return (node.spec.taints ?? []).some((taint: ApiObject) => taint.key === "node.kubernetes.io/out-of-service");
}

const nodes = ["a", "b", "c"].map((name) => ({ name }));

test("a machine found off is released with proof, switched on, and returned to service", async () => {
  await using it = await startHealing({ nodes });
  await it.startReplica("one");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.kill();
  await it.untilPhase("b", "Healed");
  const { status } = it.repair("b");
  expect(status.evidence.map((e: { value: string }) => e.value)).toEqual(["off", "off"]);
  expect(it.provider.count("power-off")).toBe(0);
  expect(it.provider.count("power-on")).toBe(1);
  expect(outOfService(it.node("b"))).toBe(false);
  expect(it.node("b").spec.unschedulable).toBeUndefined();
});

test("a hung machine is powered off once, released, powered on", async () => {
  await using it = await startHealing({ nodes });
  await it.startReplica("one");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Healed");
  expect(it.provider.calls.map((call) => call.operation)).toEqual(["power-off", "power-on"]);
});
