import { describe, expect, test } from "vitest";
import { KubeReportPublisher, KubeReportWatch } from "../../../src/kube/reports.ts";
import { KubeTargetList } from "../../../src/kube/target-list.ts";
import type { Report } from "../../../src/ports/reports.ts";
import { kubeRig, lostAnswer, nodeObject, type Rig } from "./rig.ts";

const report = (rig: Rig, change: Partial<Report> = {}): Report => ({
  node: "n1",
  instance: "aceso-1",
  sweptAtWallMs: rig.clock.now().wallMs,
  intervalMs: 10_000,
  targets: 3,
  failing: [],
  unknown: [],
  suspectsSelf: false,
  ...change,
});
const failure = (rig: Rig, message = "no answer") => ({
  node: "n2",
  nodeUid: "u2",
  check: "Endpoint",
  sinceWallMs: rig.clock.now().wallMs,
  message,
});

async function watching(rig: Rig): Promise<KubeReportWatch> {
  const watch = new KubeReportWatch(rig.rest, rig.log, "aceso");
  rig.background(watch.run(rig.signal));
  await rig.clock.runUntil(() => watch.isSynced, 5_000, "the list");
  return watch;
}

describe("a report", () => {
  test("is created once and then patched, named after its instance, and seen by the leader", async () => {
    await using rig = await kubeRig();
    const publisher = new KubeReportPublisher(rig.rest, "aceso", { name: "pod-1", uid: "u" });
    const watch = await watching(rig);
    await publisher.publish(report(rig), rig.signal);
    await publisher.publish(
      report(rig, { failing: [failure(rig)], unknown: [{ node: "n3", check: "Command" }] }),
      rig.signal,
    );
    await rig.clock.settle();
    expect(watch.reports()).toMatchObject([
      {
        instance: "aceso-1",
        node: "n1",
        intervalMs: 10_000,
        failing: [{ node: "n2", nodeUid: "u2", check: "Endpoint" }],
        unknown: [{ node: "n3" }],
      },
    ]);
    expect(rig.kube.store.get("observerreports", "aceso/aceso-1")?.metadata.ownerReferences).toMatchObject([
      { name: "pod-1" },
    ]);
  });

  test("is cut to what the server takes", async () => {
    await using rig = await kubeRig();
    const failing = Array.from({ length: 600 }, () => failure(rig, "x".repeat(1_000)));
    await new KubeReportPublisher(rig.rest, "aceso").publish(report(rig, { failing }), rig.signal);
    const spec = rig.kube.store.get("observerreports", "aceso/aceso-1")!.spec as {
      failing: { message: string }[];
      truncated: boolean;
    };
    expect([spec.failing.length, spec.failing[0]!.message.length, spec.truncated]).toEqual([500, 256, true]);
  });

  test("whose creation was lost is patched", async () => {
    await using rig = await kubeRig();
    const publisher = new KubeReportPublisher(rig.rest, "aceso");
    rig.kube.faults.add({ match: { method: "POST" }, fault: lostAnswer("reset") });
    await publisher.publish(report(rig), rig.signal).catch(() => undefined);
    await publisher.publish(report(rig, { targets: 9 }), rig.signal);
    expect(rig.kube.store.get("observerreports", "aceso/aceso-1")?.spec.targets).toBe(9);
  });
});

describe("the leader's view of a report", () => {
  test("is aged by our own sight, and a failure by its first sight without a gap", async () => {
    await using rig = await kubeRig();
    const publisher = new KubeReportPublisher(rig.rest, "aceso");
    const watch = await watching(rig);
    const firstAt = rig.clock.now().monoMs;
    await publisher.publish(report(rig, { failing: [failure(rig)] }), rig.signal);
    await rig.clock.advance(20_000);
    await publisher.publish(report(rig, { failing: [failure(rig, "still no answer")] }), rig.signal);
    await rig.clock.settle();
    const [seen] = watch.reports();
    expect(seen?.failing[0]?.firstSeenMonoMs).toBe(firstAt);
    expect(seen?.changedAtMonoMs).toBe(rig.clock.now().monoMs);
    await publisher.publish(report(rig), rig.signal);
    await rig.clock.advance(10_000);
    await publisher.publish(report(rig, { failing: [failure(rig)] }), rig.signal);
    await rig.clock.settle();
    expect(watch.reports()[0]?.failing[0]?.firstSeenMonoMs).toBe(rig.clock.now().monoMs);
  });

  test("that a replica left behind long ago is old from the first sight on", async () => {
    await using rig = await kubeRig();
    const publisher = new KubeReportPublisher(rig.rest, "aceso");
    await publisher.publish(report(rig, { sweptAtWallMs: rig.clock.now().wallMs - 3_600_000 }), rig.signal);
    const watch = await watching(rig);
    expect(rig.clock.now().monoMs - watch.reports()[0]!.changedAtMonoMs).toBeGreaterThanOrEqual(3_600_000);
  });

  test("that makes no sense is left out", async () => {
    await using rig = await kubeRig();
    rig.kube.store.put("observerreports", { metadata: { name: "x", namespace: "aceso" }, spec: { node: 7 } });
    expect((await watching(rig)).reports()).toEqual([]);
  });
});

test("targets are listed page by page with what a probe needs", async () => {
  await using rig = await kubeRig();
  rig.kube.store.put(
    "nodes",
    nodeObject("m1", { metadata: { labels: { "node-role.kubernetes.io/control-plane": "" } } }),
  );
  for (let number = 0; number < 510; number += 1) rig.kube.store.put("nodes", nodeObject(`n${number}`));
  const targets = await new KubeTargetList(rig.rest).list(rig.signal);
  expect(targets).toHaveLength(511);
  expect(targets.find(({ name }) => name === "m1")).toMatchObject({
    role: "master",
    internalIP: "127.0.0.1",
    kubeletPort: 10_250,
  });
});
