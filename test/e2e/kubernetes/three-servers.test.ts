import { expect, test } from "vitest";
import type { AcesoProcess } from "../../support/aceso-process.ts";
import type { AuditEvent } from "../../support/control-plane/audit.ts";
import { actsOn, briskConfig, briskNode, briskSilenceMs, withProvider } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { shutOut } from "../../support/node-state.ts";
import { serviceAccount } from "../../support/rights.ts";
import { expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const names = ["w1", "w2", "w3", "w4"];

/** Those that Aceso knows of, by their index; the third is the test's own. */
const known = [0, 1];

const scenario = useScenario(
  { plane: { apiServers: 3 }, nodes: names.map((name) => ({ name, ...briskNode })), config: {} },
  async ({ plane, startReplica, leader }) => {
    const servers = known.map((index) => plane.servers[index]);
    const config = { ...briskConfig, ...withProvider, kubernetes: { "api-host": servers } };
    await startReplica({ name: "replica-1", config });
    await startReplica({ name: "replica-2", config });
    await leader();
  },
);

/** What the leader watches, as the API names it. */
const watched = ["daemonsets", "nodes", "noderepairs", "observerreports"];

test("an API server that takes no notice of anything any more is left within 5 s", async () => {
  const { plane, cluster, untilPhase, leader } = scenario();
  const server = serverOf(await leader());
  const pid = plane.pids()[`apiserver-${server}`] ?? 0;
  // its kernel goes on answering for its sockets
  await expectMoved(async () => process.kill(pid, "SIGSTOP"));
  cluster.node("w2").machine.hang();
  await untilPhase("w2", "Healed");
  expect(actsOn(scenario(), "w2")).toEqual(["power-off", "power-on"]);
  process.kill(pid, "SIGCONT");
  const kubeconfig = plane.kubeconfigs[server] ?? "";
  await eventually("it serves again", () => plane.kubectl(["--kubeconfig", kubeconfig, "get", "nr"]));
});

test("the API server in use is killed in mid-repair: calls and watches move within 5 s, and the node is healed", async () => {
  const { plane, cluster, node, untilPhase, leader } = scenario();
  const before = await leader();
  cluster.node("w1").machine.hang();
  const isSwitchedOff = () => actsOn(scenario(), "w1").includes("power-off");
  await eventually("w1 is switched off", isSwitchedOff, { withinMs: 120_000 });
  await expectMoved(() => plane.stopServer(serverOf(before)));
  await untilPhase("w1", "Healed");
  expect(actsOn(scenario(), "w1")).toEqual(["power-off", "power-on"]);
  expect(shutOut(await node("w1"))).toEqual({ isTainted: false, isCordoned: false });
  expect((await leader()).name, "the leader kept its lease").toBe(before.name);
});

test("in all of this every taint was written on a silent node and taken away in time", () => {
  expectLawfulTaints(scenario(), { silenceMs: briskSilenceMs, isProven: true });
});

/** Index of the API server that a replica uses: a busy machine may have made it leave the first one before. */
function serverOf({ lines }: AcesoProcess): number {
  const left = lines.findLast(({ fields }) => fields.msg === "left an API server");
  const { servers } = scenario().plane;
  return servers.indexOf(String(left?.fields.next ?? servers[0]));
}

/** Whatever happens to the server in use: within 5 s each watch has begun anew elsewhere, and something was written. */
async function expectMoved(happens: () => Promise<unknown>): Promise<void> {
  const sinceMs = Date.now();
  await happens();
  // what the server still took in does not count
  const overMs = Date.now();
  const begun = await eventually("every watch has begun anew", async () => {
    const events = (await scenario().plane.auditLog()).filter(
      (event) => event.user.username === serviceAccount && Date.parse(event.requestReceivedTimestamp) > overMs,
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
