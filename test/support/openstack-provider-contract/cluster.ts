import { beforeAll, describe, expect, test } from "vitest";
import type { HealthReport, Provider } from "../../../src/plugin-api/index.ts";
import type { CloudCluster } from "../openstack-cloud.ts";
import { changesSeen, makeOpenStack, never, nodeOf } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { healedCluster, pick, testMs, thrownBy, wait } from "./scene.ts";

/** What Magnum says about healing, and what it is told. */
export function describeCluster(theCloud: CloudOf): void {
  describe("a cluster of Magnum", () => {
    let cluster: CloudCluster;
    let provider: Provider;
    const worker = () => pick(cluster.workers, 0).id;
    const lock = (machine = worker()) => provider.interlock?.(machine, nodeOf(machine), never);

    beforeAll(async () => {
      cluster = await healedCluster(theCloud(), "wary", 1, 1);
      provider = await makeOpenStack(theCloud(), { clusterName: cluster.uuid });
    }, testMs);

    test("has masters that join etcd anew, and a ladder that ends with a new machine", () => {
      expect(provider.rejoinsEtcd).toBe(true);
      expect(provider.defaultLadder("worker")).toEqual(["power-cycle", "replace"]);
    });

    test("a server outside its stacks is somebody else's, whatever a Node says", { timeout: testMs }, async () => {
      const outside = await theCloud().createServer("outside");
      for (const { id } of [...cluster.masters, ...cluster.workers]) {
        expect(await provider.identify(nodeOf(id), never)).toBe(id);
      }
      expect(await thrownBy(() => provider.identify(nodeOf(outside.id), never))).toMatchObject({
        remedy: "ask-operator",
        message: expect.stringContaining("outside the cluster's stacks"),
      });
    });

    test("is left alone while its label does not say true", { timeout: testMs }, async () => {
      expect(await lock()).toBeUndefined();
      await theCloud().setLabel(cluster.uuid, "auto_healing_enabled", "false");
      expect(await lock()).toMatchObject({ stops: "everything", because: expect.stringContaining('"false"') });
      await theCloud().setLabel(cluster.uuid, "auto_healing_enabled", "true");
      expect(await lock()).toBeUndefined();
    });

    test("shows the health that it is told, and is told only what it does not show yet", {
      timeout: testMs,
    }, async () => {
      const ill = [{ node: "node-1", reason: 'silent for 41 s, "off" by Nova \\ größer' }];
      // as the engine does: Magnum may show it later than it is waited for
      const report = (told: HealthReport) =>
        wait("Magnum shows it", async () => {
          await provider.reportHealth?.(told, never);
          return true;
        });
      await report({ ill, nodes: 2 });
      expect(await theCloud().cluster(cluster.uuid)).toMatchObject({
        healthStatus: "UNHEALTHY",
        healthReason: { api: "ok", "node-1.Ready": 'silent for 41 s, "off" by Nova \\ gr?er' },
      });
      const before = changesSeen(theCloud(), /clusters/);
      await report({ ill, nodes: 2 });
      expect(changesSeen(theCloud(), /clusters/)).toBe(before);
      await report({ ill: [], nodes: 2 });
      expect(await theCloud().cluster(cluster.uuid)).toMatchObject({
        healthStatus: "HEALTHY",
        healthReason: { api: "ok" },
      });
    });

    test("nothing is done while Magnum cannot be asked", { timeout: testMs }, async () => {
      await theCloud().setServiceFault("magnum", "answers-503");
      try {
        expect(await thrownBy(async () => lock())).toMatchObject({ remedy: "retry" });
      } finally {
        await theCloud().setServiceFault("magnum", undefined);
      }
    });

    test("no machine is touched while somebody else's update of its stack runs, and none is begun beside it", {
      timeout: testMs,
    }, async () => {
      const plan = await provider.replacement?.plan(worker(), nodeOf(worker()), never);
      await theCloud().beginForeignUpdate(cluster.uuid);
      // services that make a server for it go on until everything has been asked, however long that takes
      await theCloud().setFault("*", "spawn", { kind: "delay", seconds: 3_600 });
      try {
        expect(await lock()).toMatchObject({
          stops: "machine",
          because: expect.stringContaining("UPDATE_IN_PROGRESS"),
        });
        const before = changesSeen(theCloud());
        const act = { machine: worker(), node: nodeOf(worker()), id: "beside", timeoutMs: 60_000, signal: never };
        const asked = () => provider.replace?.({ ...act, mayAct: async () => {} }, plan);
        expect(await thrownBy(asked)).toMatchObject({
          remedy: "retry",
          message: expect.stringContaining("UPDATE_IN_PROGRESS"),
        });
        expect(changesSeen(theCloud())).toBe(before);
      } finally {
        await theCloud().setFault("*", "spawn", undefined);
      }
      await wait("the other update is over", async () => (await lock()) === undefined);
    });
  });
}
