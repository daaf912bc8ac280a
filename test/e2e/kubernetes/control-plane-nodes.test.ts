import { expect, test } from "vitest";
import {
  actsOn,
  briskConfig,
  briskNode,
  briskSilenceMs,
  leaseAgeMs,
  withProvider,
} from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { shutOut } from "../../support/node-state.ts";
import { expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const masters = ["m1", "m2", "m3"];

const scenario = useScenario(
  {
    nodes: [
      ...masters.map((name) => ({ name, role: "master" as const, ...briskNode })),
      ...["w1", "w2"].map((name) => ({ name, ...briskNode })),
    ],
    // only the rule about control-plane nodes shall hold anything here
    config: { ...briskConfig, ...withProvider, "max-unhealthy": "100%" },
  },
  async (it) => {
    await it.startReplica({ name: "on-m1", node: "m1" });
    await it.leader();
    await it.startReplica({ name: "on-m2", node: "m2" });
    await eventually("both replicas have reported", async () => {
      const { items } = await it.api.get("/apis/aceso.dev/v1alpha1/namespaces/aceso/observerreports");
      return items.length === 2;
    });
  },
);

test("one of three control-plane nodes is healed", async () => {
  const { cluster, node, untilPhase } = scenario();
  cluster.node("m3").machine.hang();
  await untilPhase("m3", "Healed");
  expect(actsOn(scenario(), "m3")).toEqual(["power-off", "power-on"]);
  expect(shutOut(await node("m3"))).toEqual({ isTainted: false, isCordoned: false });
});

test("two of three at once are held, until one of them is back", async () => {
  const { cluster, node, owner, aceso, untilPhase, untilReady } = scenario();
  const before = owner.operations.length;
  const sick = ["m2", "m3"];
  for (const name of sick) cluster.node(name).machine.hang();
  for (const name of sick) {
    await eventually(`the countdown of ${name} is long over`, () => leaseAgeMs(scenario(), name) > 25_000, {
      withinMs: 90_000,
    });
  }
  for (const name of sick) {
    expect(await aceso(["explain", name]), name).toMatch(/control-plane-(quorum|busy)/);
    expect((await node(name)).spec.taints ?? []).not.toContainEqual(expect.objectContaining({ value: "nodeshutdown" }));
  }
  const acts = owner.operations.slice(before).filter((it) => it.id !== "");
  expect(acts).toEqual([]);

  const { machine } = cluster.node("m2");
  machine.kill();
  await machine.powerOn();
  await untilReady("m2");
  await eventually("m3 is switched on again", () => actsOn(scenario(), "m3").length === 4, { withinMs: 120_000 });
  await untilPhase("m3", "Healed");
  expect(actsOn(scenario(), "m3")).toEqual(["power-off", "power-on", "power-off", "power-on"]);
  expect(actsOn(scenario(), "m2")).toEqual([]);
  for (const name of masters) expect(shutOut(await node(name))).toEqual({ isTainted: false, isCordoned: false });
});

test("in all of this every taint was written on a silent node and taken away in time", () => {
  expectLawfulTaints(scenario(), { silenceMs: briskSilenceMs, isProven: true });
});
