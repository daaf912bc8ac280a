import { expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { ApiObject } from "../../support/api-client.ts";
import {
  actsOn,
  briskConfig,
  briskNode,
  briskSilenceMs,
  leaseAgeMs,
  type Scenario,
  withProvider,
} from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { shutOut } from "../../support/node-state.ts";
import { expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const names = ["counting", "healed", "cordoned", "everything", "restored", "w1", "w2", "w3", "w4"];

/** Long enough for a person, and a busy machine, to set a pause before it is over. */
const countdownMs = 15_000;
const checks = [{ type: "NodeLease", params: { "unhealthy-duration": `${countdownMs}ms` } }];

const scenario = useScenario(
  {
    nodes: names.map((name) => ({ name, ...briskNode, ...(name === "healed" ? { bootMs: 10_000 } : {}) })),
    // the tests run side by side
    config: {
      ...briskConfig,
      ...withProvider,
      healthcheck: { master: checks, worker: checks },
      "max-unhealthy": "100%",
      "cordoned-hold": "1s",
    },
  },
  async (it) => {
    await it.startReplica({ name: "replica-1" });
    await it.startReplica({ name: "replica-2" });
    await it.leader();
  },
);

/** Long past the moment at which the checks' countdown is over. */
const longPastMs = countdownMs + 10_000;

test.concurrent("a node paused during the countdown is left alone until the pause is taken away", async () => {
  const { cluster, aceso, untilPhase } = scenario();
  cluster.node("counting").machine.hang();
  await untilLeaseAge("counting", briskSilenceMs + 500);
  await pauseNode("counting", "looking at it myself");
  await untilLeaseAge("counting", longPastMs);
  await expectUntouched(scenario(), "counting");
  expect(await aceso(["explain", "counting"])).toContain("looking at it myself");

  await pauseNode("counting", null);
  await untilPhase("counting", "Healed");
  expect(actsOn(scenario(), "counting")).toEqual(["power-off", "power-on"]);
});

test.concurrent("a node that was healed is returned to service though it is paused", async () => {
  const { cluster, node, untilPhase } = scenario();
  cluster.node("healed").machine.hang();
  await eventually("it is switched on", () => actsOn(scenario(), "healed").includes("power-on"), { withinMs: 120_000 });
  await pauseNode("healed", "nobody touches this");
  expect(shutOut(await node("healed"))).toEqual({ isTainted: true, isCordoned: true });
  await untilPhase("healed", "Healed");
  const after = await node("healed");
  expect(shutOut(after)).toEqual({ isTainted: false, isCordoned: false });
  expect(after.metadata.annotations["aceso.dev/paused"]).toBe("nobody touches this");
});

test.concurrent("a person's cordon survives the repair of its node", async () => {
  const { cluster, plane, node, untilPhase } = scenario();
  await plane.kubectl(["cordon", "cordoned"]);
  cluster.node("cordoned").machine.hang();
  const repair = await untilPhase("cordoned", "Healed");
  expect(actsOn(scenario(), "cordoned")).toEqual(["power-off", "power-on"]);
  const after = await node("cordoned");
  expect(shutOut(after)).toEqual({ isTainted: false, isCordoned: true });
  expect(repair.status.marks ?? {}).toEqual({});
  expect(after.metadata.annotations["aceso.dev/marks"]).toBeUndefined();
});

test.concurrent("a request that a backup brings back is refused, told once, and the same asked by hand today is done", async () => {
  const { api, plane, repair, aceso, untilPhase } = scenario();
  const request = { id: "noisy-fan", kind: "repair", askedAt: dayBefore(systemClock.now().wallMs) };
  const backup = { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name: "restored" } };
  await plane.kubectl(["apply", "-f", "-"], JSON.stringify({ ...backup, spec: { request } }));
  await eventually("it is answered", async () => (await repair("restored"))?.status?.handledRequest === "noisy-fan");
  const refusals = async () => {
    const { items } = await api.get("/apis/events.k8s.io/v1/namespaces/default/events");
    return items.filter((it: ApiObject) => it.reason === "RequestRefused" && it.regarding.kind === "NodeRepair");
  };
  await eventually("it is told", async () => (await refusals()).length > 0);
  await expectUntouched(scenario(), "restored");
  expect(await aceso(["explain", "restored"])).toMatch(/Refused: the request repair \(noisy-fan\) .+; ask again\./);
  expect((await plane.kubectl(["get", "nr", "restored", "-o", "wide"])).trim()).toMatch(/ask again$/);

  const today = { id: "by-hand", kind: "repair", askedAt: new Date(systemClock.now().wallMs).toISOString() };
  await plane.kubectl(["patch", "nr", "restored", "--type=merge", "-p", JSON.stringify({ spec: { request: today } })]);
  await untilPhase("restored", "Healed");
  expect(actsOn(scenario(), "restored")).toEqual(["power-off", "power-on"]);
  expect(await refusals()).toHaveLength(1);
});

test("while the DaemonSet is paused nothing begins in the whole cluster", async () => {
  const { cluster, plane, aceso, untilPhase } = scenario();
  const annotate = (text: string) =>
    plane.kubectl(["annotate", "daemonset", "aceso", "--namespace=aceso", `aceso.dev/paused${text}`]);
  await annotate("=network works tonight");
  cluster.node("everything").machine.hang();
  await untilLeaseAge("everything", longPastMs);
  await expectUntouched(scenario(), "everything");
  expect(await aceso(["explain", "everything"])).toContain("network works tonight");
  await annotate("-");
  await untilPhase("everything", "Healed");
});

test("in all of this every taint was written on a silent node and taken away in time", () => {
  expectLawfulTaints(scenario(), { silenceMs: briskSilenceMs, isProven: true });
});

/** RFC 3339 in whole seconds. */
function dayBefore(wallMs: number): string {
  return `${new Date(wallMs - 86_400_000).toISOString().slice(0, 19)}Z`;
}

/** As `kubectl annotate node`; null takes the pause away. */
async function pauseNode(node: string, text: string | null): Promise<void> {
  await scenario().api.patch(`/api/v1/nodes/${node}`, { metadata: { annotations: { "aceso.dev/paused": text } } });
}

async function untilLeaseAge(node: string, ms: number): Promise<void> {
  const look = () => leaseAgeMs(scenario(), node) > ms;
  await eventually(`the Lease of ${node} is ${ms} ms old`, look, { withinMs: ms + 60_000, everyMs: 50 });
}

async function expectUntouched({ node, repair }: Scenario, name: string): Promise<void> {
  expect(actsOn(scenario(), name)).toEqual([]);
  expect(shutOut(await node(name))).toEqual({ isTainted: false, isCordoned: false });
  expect((await repair(name))?.status?.phase).toBeUndefined();
}
