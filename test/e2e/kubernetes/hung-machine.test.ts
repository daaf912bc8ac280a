import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { type Scene, startScene } from "../../support/e2e-scene.ts";
import { eventually } from "../../support/eventually.ts";
import { findAttachedNode, statefulSetWithVolume } from "../../support/fake-csi.ts";
import { hasOutOfServiceTaint, taintWrites } from "../../support/recorder.ts";

const silenceMs = 6_000;
const checks = [
  { type: "NodeLease", params: { "unhealthy-duration": "10s" } },
  { type: "NodeCondition", params: { "unhealthy-duration": "30s" } },
];

let scene: Scene;

beforeAll(async () => {
  scene = await startScene({
    nodes: ["w1", "w2", "w3"].map((name) => ({ name, leaseIntervalMs: 1_000, bootMs: 1_500 })),
    config: {
      "cloud-provider": "exec",
      exec: { protocol: "json", operations: ["identify", "observe", "power-off", "power-on"] },
      silence: `${silenceMs}ms`,
      "recovery-hold": "3s",
      "startup-delay": "0s",
      "check-delay-after-add": "0s",
      healthcheck: { master: checks, worker: checks },
    },
  });
});

afterAll(() => scene?.stop());

test("a hung machine is powered off, its pod and volume move, and it is powered on and returned to service", async () => {
  const { plane, cluster, owner, recorder } = scene;
  const readNode = (name: string): Promise<ApiObject> => plane.api.get(`/api/v1/nodes/${name}`);
  const readPod = (): Promise<ApiObject> => plane.api.get("/api/v1/namespaces/default/pods/db-0");

  await scene.create(statefulSetWithVolume("db"));
  const home = await eventually("db-0 runs", async () => {
    const pod = await readPod();
    return pod.status.phase === "Running" && pod.spec.nodeName;
  });
  const before = await readNode(home);
  const replica = await scene.startReplica({ name: "replica-1" });
  await replica.line(/"leads"/);
  cluster.node(home).machine.hang();

  const repair = await eventually(
    "the repair has ended",
    async () => {
      const found = await plane.api.get(`/apis/aceso.dev/v1alpha1/noderepairs/${home}`);
      return found.status?.outcome !== undefined && found;
    },
    { withinMs: 90_000 },
  );
  expect(repair.status.outcome).toBe("Healed");
  expect(repair.status.evidence).toContainEqual(expect.objectContaining({ machine: `vm-${home}`, value: "off" }));

  const elsewhere = (await readPod()).spec.nodeName;
  expect(elsewhere).not.toBe(home);
  await eventually(
    "the volume is attached there",
    async () => (await findAttachedNode(plane.api, "pv-db-0")) === elsewhere,
  );

  const after = await readNode(home);
  expect(after.status.nodeInfo.bootID).not.toBe(before.status.nodeInfo.bootID);
  expect([hasOutOfServiceTaint(after), after.spec.unschedulable ?? false]).toEqual([false, false]);
  expect(owner.actsOn(home).map((each) => each.operation)).toEqual(["power-off", "power-on"]);

  const writes = taintWrites(recorder);
  expect(writes.map((write) => write.node)).toEqual([home]);
  expect(writes[0]?.leaseAgeMs).toBeGreaterThan(silenceMs);
  expect(await replica.stop()).toEqual({ code: 0, signal: null });
}, 180_000);
