import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { briskWords, type CloudHealing } from "../../support/cloud-healing.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { begin, last } from "./begin.ts";

/** What the proof says: the owner's own words of each reading. */
function evidenceOf(status: ApiObject): readonly string[] {
  return status.evidence.map((it: ApiObject) => it.value);
}

test("a worker that hangs is switched off, its pods are freed, and it is switched on", async () => {
  await using it = await begin();
  const patient = last(it.workers);
  it.nodes.node(patient.name).machine.hang();
  const status = await it.untilPhase(patient.name, /Healed|Held/);
  expect(status).toMatchObject({ phase: "Healed", rung: "power-cycle", attempt: 1 });
  expect(evidenceOf(status)).toEqual(["off", "off"]);
  expect(status.evidence[0]).toMatchObject({ source: "openstack", machine: patient.id });
  expect(it.accepted()).toEqual(["os-stop", "os-start"]);
  expect(it.broken).toEqual([]);
});

test("a worker found SHUTOFF is freed at once and started when its checks are due", async () => {
  await using it = await begin();
  const patient = last(it.workers);
  await it.cloud.act(patient.id, { "os-stop": null });
  const releasedMs = await it.world.clock.runUntil(() => it.isTainted(patient.name), 60_000, "the taint");
  expect(releasedMs).toBeLessThanOrEqual(40_000);
  expect((await it.untilPhase(patient.name, /Healed|Held/)).phase).toBe("Healed");
  expect(it.accepted()).toEqual(["os-start"]);
  expect(it.broken).toEqual([]);
});

test("with a file of magnum-auto-healer a worker whose kubelet answers is rebooted first", async () => {
  await using it = await begin({ words: () => ({ checkDelayAfterAdd: "20m", more: "" }) });
  await it.world.clock.advance(20 * 60_000);
  const patient = last(it.workers);
  const { kubelet, machine } = it.nodes.node(patient.name);
  await kubelet.setCondition({ type: "Ready", status: "False", reason: "KubeletNotReady", message: "simulated" });
  const { bootId } = machine;
  machine.onChange(() => {
    if (machine.bootId !== bootId) void kubelet.clearCondition("Ready");
  });
  const status = await it.untilPhase(patient.name, /Healed|Held/);
  expect(status).toMatchObject({ phase: "Healed", rung: "soft-reboot" });
  expect(it.accepted()).toEqual(["soft-reboot"]);
});

test("a worker is rebuilt: the same server, name and address, another boot", async () => {
  await using it = await begin({ ladder: "{worker: [rebuild]}" });
  const patient = last(it.workers);
  it.nodes.node(patient.name).machine.hang();
  const status = await it.untilPhase(patient.name, /Healed|Held/);
  expect(status).toMatchObject({ phase: "Healed", rung: "rebuild" });
  expect(it.accepted()).toEqual(["os-stop", "rebuild", "os-start"]);
  const { id, name, ip } = patient;
  expect(await it.cloud.server(id)).toMatchObject({ id, name, ip, status: "ACTIVE" });
  expect(it.broken).toEqual([]);
});

test("a worker is replaced through Magnum: one resize, one new server, and the old Node is gone", async () => {
  await using it = await begin({ ladder: "{worker: [replace]}" });
  const patient = last(it.workers);
  it.nodes.node(patient.name).machine.hang();
  const status = await it.untilPhase(patient.name, /Healed|Held/);
  expect(status).toMatchObject({ phase: "Healed", rung: "replace", reason: "replaced" });
  expect(it.accepted()).toEqual(["os-stop", "resize"]);
  await expectReplaced(it, "workers", patient);
  expect(it.node(patient.name)).toBeUndefined();
  expect(it.broken).toEqual([]);
});

test("a master is replaced through Heat: the right resource is marked, one update, the workers stay", async () => {
  await using it = await begin({ ladder: "{master: [replace]}" });
  const patient = last(it.masters);
  it.nodes.node(patient.name).machine.hang();
  const status = await it.untilPhase(patient.name, /Healed|Held/);
  expect(status).toMatchObject({ phase: "Healed", rung: "replace", reason: "replaced" });
  expect(it.accepted()).toEqual(["os-stop", "mark-unhealthy", "update-stack"]);
  await expectReplaced(it, "masters", patient);
  expect(it.node(patient.name)?.status.nodeInfo.systemUUID).not.toBe(patient.id);
  expect(it.broken).toEqual([]);
});

test("Nova alone: a server that hangs again after each power-cycle is rebuilt", async () => {
  await using it = await begin({
    servers: ["n1", "n2", "n3", "n4"],
    cloud: { services: [] },
    words: () => ({ more: `${briskWords.more}`.replace("rung-timeout: 2m", "rung-timeout: 1m") }),
  });
  const patient = last(it.workers);
  const { machine } = it.nodes.node(patient.name);
  machine.hang();
  machine.onChange(() => {
    if (machine.isTalking && !it.accepted().includes("rebuild")) machine.hang();
  });
  const status = await it.untilPhase(patient.name, /Healed|Held/, 3_600_000);
  expect(status).toMatchObject({ phase: "Healed", rung: "rebuild" });
  const cycle = ["os-stop", "os-start"];
  expect(it.accepted()).toEqual([...cycle, ...cycle, "os-stop", "rebuild", "os-start"]);
  expect(it.broken).toEqual([]);
});

test("a plain Heat stack: its server is replaced by mark and update", async () => {
  await using it = await begin({
    ladder: "{worker: [replace]}",
    words: (stackId) => ({ clusterName: undefined, inSection: `  stack: ${stackId}` }),
  });
  const patient = last(it.workers);
  it.nodes.node(patient.name).machine.hang();
  expect(await it.untilPhase(patient.name, /Healed|Held/)).toMatchObject({ phase: "Healed", reason: "replaced" });
  expect(it.accepted()).toEqual(["os-stop", "mark-unhealthy", "update-stack"]);
  await expectReplaced(it, "workers", patient);
  expect(it.broken).toEqual([]);
});

/** One server of the group is another one now, and all the others are the same. */
async function expectReplaced(it: CloudHealing, group: "masters" | "workers", old: CloudServer): Promise<void> {
  const cluster = await it.cluster();
  const before = it[group].map(({ id }) => id);
  const after = cluster[group].map(({ id }) => id);
  expect(after).toHaveLength(before.length);
  expect(after.filter((id) => before.includes(id))).toEqual(before.filter((id) => id !== old.id));
  const other = group === "masters" ? "workers" : "masters";
  expect(cluster[other].map(({ id }) => id)).toEqual(it[other].map(({ id }) => id));
  expect(await it.cloud.server(old.id)).toBeUndefined();
  const successor = cluster[group].find(({ id }) => !before.includes(id));
  expect(it.isReady(successor?.name ?? "")).toBe(true);
  expect(it.node(successor?.name ?? "")?.spec.unschedulable).toBeUndefined();
}
