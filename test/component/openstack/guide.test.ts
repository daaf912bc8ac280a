import { expect, test } from "vitest";
import { startCloudHealing } from "../../support/cloud-healing.ts";
import type { CloudCluster } from "../../support/openstack-cloud.ts";

const minuteMs = 60_000;

test("a worker whose kubelet stopped is healed with the guide's own configuration, and Magnum shows it", async () => {
  await using it = await startCloudHealing({ words: { checkDelayAfterAdd: "20m", more: "" } });
  const { clock } = it.world;
  const [patient] = it.workers;
  if (patient === undefined) throw new Error("no worker");
  await it.startReplica("one", it.masters[0]?.name);
  await it.startReplica("two", it.masters[1]?.name);
  await clock.runUntil(async () => (await it.cluster()).healthStatus === "HEALTHY", 5 * minuteMs, "HEALTHY");
  await clock.advance(21 * minuteMs);
  const bootBefore = it.node(patient.name)?.status.nodeInfo.bootID;

  it.nodes.node(patient.name).machine.stopKubelet();
  const statuses = new Set<string | undefined>();
  const ill: CloudCluster[] = [];
  const isHealthyAgain = async () => {
    statuses.add((await it.cloud.server(patient.id))?.status);
    const cluster = await it.cluster();
    if (cluster.healthStatus === "UNHEALTHY") ill.push(cluster);
    return it.repair(patient.name)?.status?.phase === "Healed" && cluster.healthStatus === "HEALTHY";
  };
  await clock.runUntil(isHealthyAgain, 20 * minuteMs, "Healed and HEALTHY");

  expect([...statuses]).toEqual(["ACTIVE", "SHUTOFF", "ACTIVE"].slice(0, 2));
  expect(ill[0]?.healthReason).toHaveProperty([`${patient.name}.Ready`]);
  expect(it.accepted()).toEqual(["os-stop", "os-start"]);
  expect(await it.cloud.server(patient.id)).toMatchObject({ status: "ACTIVE", powerState: 1, boots: 2 });
  expect(it.isReady(patient.name)).toBe(true);
  expect(it.node(patient.name)?.status.nodeInfo.bootID).not.toBe(bootBefore);
  expect(it.node(patient.name)?.spec.unschedulable).toBeUndefined();
  expect(it.broken).toEqual([]);
});

test("an idle cluster costs no call to OpenStack but a new token now and then", async () => {
  await using it = await startCloudHealing();
  const { clock } = it.world;
  await it.startReplica("one", it.masters[0]?.name);
  await it.startReplica("two", it.masters[1]?.name);
  await clock.runUntil(async () => (await it.cluster()).healthStatus === "HEALTHY", 5 * minuteMs, "HEALTHY");
  await clock.advance(minuteMs);
  const before = it.cloud.calls().length;
  await clock.advance(60 * minuteMs);
  const calls = it.cloud.calls().slice(before);
  expect(calls.filter(({ service }) => service !== "keystone")).toEqual([]);
  expect(calls.length).toBeLessThanOrEqual(4);
});
