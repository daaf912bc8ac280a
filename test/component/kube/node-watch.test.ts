import { describe, expect, test } from "vitest";
import { KubeNodeWatch } from "../../../src/kube/node-watch.ts";
import { kubeRig, nodeObject, type Rig } from "./rig.ts";

const leaseKey = (name: string) => `kube-node-lease/${name}`;

function renew(rig: Rig, name: string, label?: string): void {
  rig.kube.store.put("leases", {
    metadata: { name, namespace: "kube-node-lease", ...(label && { labels: { label } }) },
    spec: { holderIdentity: name, renewTime: `${new Date(rig.clock.now().wallMs).toISOString().replace("Z", "000Z")}` },
  });
}

async function watching(rig: Rig): Promise<KubeNodeWatch> {
  const watch = new KubeNodeWatch(rig.rest, rig.log);
  rig.background(watch.run(rig.signal));
  await rig.clock.runUntil(() => watch.isSynced, 10_000, "both lists");
  return watch;
}

async function rigWithNode(): Promise<Rig> {
  const rig = await kubeRig();
  rig.kube.store.put("nodes", nodeObject("n1"));
  renew(rig, "n1");
  return rig;
}

const readySince = (watch: KubeNodeWatch) => watch.nodes().get("n1")!.conditions[0]!.changedAtMonoMs;

describe("a kubelet's Lease", () => {
  test("is aged by our own sight of its changes, whatever its timestamp says", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    rig.clock.jumpWall(-7_200_000);
    const seenAt = rig.clock.now().monoMs;
    renew(rig, "n1");
    await rig.clock.advance(30_000);
    const sight = watch.leaseOf("n1")!;
    expect(sight.changedAtMonoMs - seenAt).toBeLessThanOrEqual(4_500);
    expect(sight.readAtMonoMs - sight.changedAtMonoMs).toBeGreaterThan(20_000);
  });

  test("that somebody else edits shows no life", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    const before = watch.leaseOf("n1")!;
    rig.kube.store.patch("leases", leaseKey("n1"), { metadata: { labels: { team: "x" } } });
    await rig.clock.advance(10_000);
    expect(watch.leaseOf("n1")!.changedAtMonoMs).toBe(before.changedAtMonoMs);
  });

  test("begins a new age after 15 s in which the server could not be read", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    const fault = rig.kube.faults.add({
      match: {},
      times: Number.POSITIVE_INFINITY,
      fault: { kind: "answer", code: 500 },
    });
    await rig.clock.advance(60_000);
    fault.remove();
    const backAt = rig.clock.now().monoMs;
    await rig.clock.advance(5_000);
    expect(watch.leaseOf("n1")!.changedAtMonoMs).toBeGreaterThanOrEqual(backAt);
  });

  test("read live after such a time begins a new age too", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    rig.kube.faults.add({
      match: { plural: "leases", path: /limit=/ },
      times: Number.POSITIVE_INFINITY,
      fault: { kind: "answer", code: 500 },
    });
    await rig.clock.advance(60_000);
    const live = await watch.readLease("n1", rig.signal);
    expect(live?.changedAtMonoMs).toBe(rig.clock.now().monoMs);
    expect(rig.clock.now().monoMs - watch.lastReadAtMonoMs!).toBeGreaterThan(50_000);
  });

  test("that is deleted is undefined, live and listed", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    rig.kube.store.remove("leases", leaseKey("n1"));
    expect(await watch.readLease("n1", rig.signal)).toBe(undefined);
    expect(watch.leaseOf("n1")).toBe(undefined);
  });

  test("is polled every 4 s, and time since the last read is known", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    const before = rig.kube.log.entries.filter((entry) => entry.plural === "leases").length;
    await rig.clock.advance(40_000);
    expect(rig.kube.log.entries.filter((entry) => entry.plural === "leases").length - before).toBe(10);
    expect(rig.clock.now().monoMs - watch.lastReadAtMonoMs!).toBeLessThanOrEqual(4_000);
  });
});

describe("a Node's condition", () => {
  test("is aged by our own sight of its change, live reads included", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    await rig.clock.advance(30_000);
    rig.kube.store.put("nodes", nodeObject("n1", { ready: "Unknown" }));
    const changedAt = rig.clock.now().monoMs;
    const live = await watch.readNode("n1", rig.signal);
    expect(live?.conditions[0]).toMatchObject({ status: "Unknown", changedAtMonoMs: changedAt });
    await rig.clock.advance(20_000);
    expect(readySince(watch)).toBe(changedAt);
  });

  test("keeps its age over a relist and a broken watch that was mended at once", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    const since = readySince(watch);
    await rig.clock.advance(10_000);
    rig.kube.cutWatches("expire", { plural: "nodes" });
    await rig.clock.advance(5_000);
    expect(readySince(watch)).toBe(since);
  });

  test("begins a new age after 15 s without the server", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    const fault = rig.kube.faults.add({
      match: {},
      times: Number.POSITIVE_INFINITY,
      fault: { kind: "answer", code: 500 },
    });
    rig.kube.cutWatches("reset", { plural: "nodes" });
    await rig.clock.advance(40_000);
    fault.remove();
    const backAt = rig.clock.now().monoMs;
    await rig.clock.advance(30_000);
    expect(readySince(watch)).toBeGreaterThanOrEqual(backAt);
  });

  test("of another Node of the same name has an age of its own", async () => {
    await using rig = await rigWithNode();
    const watch = await watching(rig);
    await rig.clock.advance(30_000);
    rig.kube.store.remove("nodes", "n1");
    rig.kube.store.put("nodes", nodeObject("n1"));
    await rig.clock.settle();
    expect(readySince(watch)).toBe(rig.clock.now().monoMs);
  });
});

test("a Node that is gone reads undefined", async () => {
  await using rig = await rigWithNode();
  const watch = await watching(rig);
  expect(await watch.readNode("n2", rig.signal)).toBe(undefined);
});

test("a heartbeat that changes nothing is kept and told to nobody, a change is told", async () => {
  await using rig = await rigWithNode();
  const watch = await watching(rig);
  const told: (string | undefined)[] = [];
  watch.onChange((name) => told.push(name));
  const post = async (status: string, lastHeartbeatTime: string) => {
    const conditions = [{ type: "Ready", status, reason: "", lastHeartbeatTime }];
    const { metadata } = rig.kube.store.patch("nodes", "n1", { status: { conditions } });
    await rig.clock.runUntil(
      () => watch.nodes().get("n1")?.resourceVersion === metadata.resourceVersion,
      5_000,
      "the watch brings it",
    );
  };
  await post("True", "2026-01-01T00:00:00Z");
  told.length = 0;
  await post("True", "2026-01-01T00:05:00Z");
  expect(told.filter((name) => name === "n1")).toEqual([]);
  await post("False", "2026-01-01T00:10:00Z");
  expect(told.filter((name) => name === "n1")).toEqual(["n1"]);
});
