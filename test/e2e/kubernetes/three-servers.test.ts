import { expect, test } from "vitest";
import type { AuditEvent } from "../../support/control-plane/audit.ts";
import { actsOn, briskConfig, briskNode, briskSilenceMs, withProvider } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { shutOut } from "../../support/node-state.ts";
import { serviceAccount } from "../../support/rights.ts";
import { expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const names = ["w1", "w2", "w3", "w4"];

const scenario = useScenario({
  plane: { apiServers: 3 },
  nodes: names.map((name) => ({ name, ...briskNode })),
  config: { ...briskConfig, ...withProvider },
});

/** What the leader watches, as the API names it. */
const watched = ["daemonsets", "nodes", "noderepairs", "observerreports"];

test("the API server in use is killed in mid-repair: calls and watches move within 5 s, and the node is healed", async () => {
  const { plane, cluster, node, untilPhase, startReplica, leader } = scenario();
  const config = { ...briskConfig, ...withProvider, kubernetes: { "api-host": plane.servers } };
  await startReplica({ name: "replica-1", config });
  await startReplica({ name: "replica-2", config });
  const before = await leader();
  await untilSwitchedOff("w1");
  await expectMoved(() => plane.stopServer(0));
  await untilPhase("w1", "Healed");
  expect(actsOn(scenario(), "w1")).toEqual(["power-off", "power-on"]);
  expect(shutOut(await node("w1"))).toEqual({ isTainted: false, isCordoned: false });
  expect((await leader()).name, "the leader kept its lease").toBe(before.name);

  async function untilSwitchedOff(name: string): Promise<void> {
    cluster.node(name).machine.hang();
    const look = () => actsOn(scenario(), name).includes("power-off");
    await eventually(`${name} is switched off`, look, { withinMs: 60_000 });
  }
});

test("an API server that takes no notice of anything any more is left within 5 s as well", async () => {
  const { plane, cluster, untilPhase } = scenario();
  const pid = plane.pids()["apiserver-1"];
  // its kernel goes on answering for its sockets
  await expectMoved(async () => process.kill(pid ?? 0, "SIGSTOP"));
  cluster.node("w2").machine.hang();
  await untilPhase("w2", "Healed");
  expect(actsOn(scenario(), "w2")).toEqual(["power-off", "power-on"]);
});

test("in all of this every taint was written on a silent node and taken away in time", () => {
  expectLawfulTaints(scenario(), { silenceMs: briskSilenceMs, isProven: true });
});

/** Whatever happens to the server in use: within 5 s each watch has begun anew elsewhere, and something was written. */
async function expectMoved(happens: () => Promise<unknown>): Promise<void> {
  const sinceMs = Date.now();
  await happens();
  const begun = await eventually("every watch has begun anew", async () => {
    const events = (await scenario().plane.auditLog()).filter(
      (event) => event.user.username === serviceAccount && Date.parse(event.requestReceivedTimestamp) > sinceMs,
    );
    const watches = new Set(events.filter((it) => it.verb === "watch").map((it) => it.objectRef?.resource));
    const hasWritten = events.some((it) => it.verb === "patch" || it.verb === "update");
    return hasWritten && watched.every((resource) => watches.has(resource)) && events;
  });
  const afterMs = (wanted: (event: AuditEvent) => boolean) =>
    Date.parse(begun.find(wanted)?.requestReceivedTimestamp ?? "") - sinceMs;
  for (const resource of watched) {
    const ms = afterMs((it) => it.verb === "watch" && it.objectRef?.resource === resource);
    expect(ms, `watch of ${resource}`).toBeLessThan(5_000);
  }
  expect(
    afterMs((it) => it.verb === "patch" || it.verb === "update"),
    "first write",
  ).toBeLessThan(5_000);
}
