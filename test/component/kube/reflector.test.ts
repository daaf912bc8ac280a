import { describe, expect, test } from "vitest";
import { Reflector } from "../../../src/kube/reflector.ts";
import type { KubeObject } from "../../../src/kube/wire.ts";
import { kubeRig, nodeObject, type Rig } from "./rig.ts";

const isUnschedulable = (object: KubeObject) =>
  (object.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true;

function reflectorOf(rig: Rig, rest = rig.rest): Reflector<boolean> {
  const reflector = new Reflector(rest, rig.log, {
    path: "/api/v1/nodes",
    resource: "nodes",
    project: isUnschedulable,
  });
  rig.background(reflector.run(rig.signal));
  return reflector;
}

async function synced(rig: Rig): Promise<Reflector<boolean>> {
  rig.kube.store.put("nodes", nodeObject("n1"));
  const reflector = reflectorOf(rig);
  await rig.clock.runUntil(() => reflector.isConnected, 10_000, "the watch");
  return reflector;
}

const lists = (rig: Rig) =>
  rig.kube.log.entries.filter((entry) => entry.plural === "nodes" && !entry.isWatch && !entry.name);
const cordon = (rig: Rig, name = "n1") =>
  rig.kube.store.put("nodes", nodeObject(name, { spec: { unschedulable: true } }));

test("lists in pages and then follows every change", async () => {
  await using rig = await kubeRig();
  for (let number = 0; number < 250; number += 1) rig.kube.store.put("nodes", nodeObject(`n${number}`));
  const reflector = reflectorOf(rig);
  const changes: (string | undefined)[] = [];
  reflector.onChange((name) => changes.push(name));
  await rig.clock.runUntil(() => reflector.isConnected, 10_000, "the watch");
  expect(reflector.items.size).toBe(250);
  expect(lists(rig)).toHaveLength(3);
  cordon(rig, "n7");
  rig.kube.store.remove("nodes", "n9");
  await rig.clock.settle();
  expect(reflector.items.get("n7")).toBe(true);
  expect(reflector.items.has("n9")).toBe(false);
  expect(changes).toEqual([undefined, "n7", "n9"]);
});

describe("what breaks a watch is mended and no change is lost", () => {
  test.each(["reset", "end", "half-line", "garbage", "expire"] as const)("%s", async (how) => {
    await using rig = await kubeRig();
    const reflector = await synced(rig);
    expect(rig.kube.cutWatches(how, { plural: "nodes" })).toBe(1);
    cordon(rig);
    await rig.clock.runUntil(() => reflector.items.get("n1") === true, 10_000, "the change");
  });

  test("410 as an HTTP status", async () => {
    await using rig = await kubeRig();
    const reflector = await synced(rig);
    rig.kube.faults.add({ match: { isWatch: true }, fault: { kind: "answer", code: 410, reason: "Expired" } });
    rig.kube.cutWatches("end");
    cordon(rig);
    await rig.clock.runUntil(() => reflector.items.get("n1") === true, 10_000, "the change");
    expect(lists(rig)).toHaveLength(2);
  });

  test("silence, as from a version of the future: past the bookmarks it lists again", async () => {
    await using rig = await kubeRig();
    const reflector = await synced(rig);
    rig.kube.faults.add({ match: { isWatch: true }, fault: { kind: "silent-watch" } });
    rig.kube.cutWatches("end");
    await rig.clock.advance(2_000);
    cordon(rig);
    const tookMs = await rig.clock.runUntil(() => reflector.items.get("n1") === true, 120_000, "the change");
    expect(tookMs).toBeLessThanOrEqual(91_000);
    expect(lists(rig)).toHaveLength(2);
  });

  test("a continue token that expired in the middle of a list", async () => {
    await using rig = await kubeRig();
    for (let number = 0; number < 150; number += 1) rig.kube.store.put("nodes", nodeObject(`n${number}`));
    rig.kube.faults.add({ match: { path: /continue=/ }, fault: { kind: "answer", code: 410, reason: "Expired" } });
    const reflector = reflectorOf(rig);
    await rig.clock.runUntil(() => reflector.isSynced, 10_000, "the list");
    expect(reflector.items.size).toBe(150);
  });

  test("a server that refuses for a minute is not asked in a tight loop", async () => {
    await using rig = await kubeRig();
    const reflector = await synced(rig);
    const fault = rig.kube.faults.add({
      match: { isWatch: true },
      times: Number.POSITIVE_INFINITY,
      fault: { kind: "answer", code: 500, message: "etcd is away" },
    });
    rig.kube.cutWatches("reset");
    await rig.clock.advance(60_000);
    expect(fault.hits).toBeGreaterThan(3);
    expect(fault.hits).toBeLessThan(20);
    fault.remove();
    cordon(rig);
    await rig.clock.runUntil(() => reflector.items.get("n1") === true, 20_000, "the change");
  });

  test("a server that ends every watch at once is not asked in a tight loop", async () => {
    await using rig = await kubeRig();
    await synced(rig);
    for (let round = 0; round < 10; round += 1) {
      rig.kube.cutWatches("end");
      await rig.clock.advance(200);
    }
    expect(rig.kube.log.entries.filter((entry) => entry.isWatch).length).toBeLessThan(10);
  });
});

test("bookmarks keep a quiet watch alive, and the server's own end of it is no loss", async () => {
  await using rig = await kubeRig();
  const reflector = await synced(rig);
  await rig.clock.advance(900_000);
  expect(reflector.isConnected).toBe(true);
  expect(lists(rig)).toHaveLength(1);
  cordon(rig);
  await rig.clock.settle();
  expect(reflector.items.get("n1")).toBe(true);
});

test("lists anew every hour", async () => {
  await using rig = await kubeRig();
  await synced(rig);
  await rig.clock.advance(3_600_000 + 310_000);
  expect(lists(rig)).toHaveLength(2);
});

test("a listener that throws is counted and harms nobody", async () => {
  await using rig = await kubeRig();
  const reflector = await synced(rig);
  const seen: (string | undefined)[] = [];
  reflector.onChange(() => {
    throw new Error("a bug");
  });
  reflector.onChange((name) => seen.push(name));
  cordon(rig);
  await rig.clock.settle();
  expect(seen).toEqual(["n1"]);
  expect(rig.meter.counts.get("aceso_kube_handler_errors_total{resource=nodes}")).toBe(1);
});

test("an object that cannot be understood is counted and the others go on", async () => {
  await using rig = await kubeRig();
  rig.kube.store.put("nodes", nodeObject("bad"));
  rig.kube.store.put("nodes", nodeObject("good"));
  const project = (object: KubeObject) => {
    if (object.metadata?.name === "bad") throw new Error("nonsense");
    return true;
  };
  const reflector = new Reflector(rig.rest, rig.log, { path: "/api/v1/nodes", resource: "nodes", project });
  rig.background(reflector.run(rig.signal));
  await rig.clock.runUntil(() => reflector.isSynced, 10_000, "the list");
  expect([...reflector.items.keys()]).toEqual(["good"]);
  expect(rig.meter.counts.get("aceso_kube_handler_errors_total{resource=nodes}")).toBe(1);
});

test("a second run begins with an empty map", async () => {
  await using rig = await kubeRig();
  rig.kube.store.put("nodes", nodeObject("n1"));
  const reflector = new Reflector(rig.rest, rig.log, {
    path: "/api/v1/nodes",
    resource: "nodes",
    project: isUnschedulable,
  });
  const first = new AbortController();
  const run = reflector.run(first.signal);
  await rig.clock.runUntil(() => reflector.isConnected, 10_000, "the watch");
  first.abort();
  await run;
  expect(rig.kube.openWatches("nodes")).toBeLessThanOrEqual(1);
  rig.background(reflector.run(rig.signal));
  expect([reflector.isSynced, reflector.items.size]).toEqual([false, 0]);
  await rig.clock.runUntil(() => reflector.isConnected, 10_000, "the watch");
  expect(reflector.items.size).toBe(1);
});

describe("several API servers", () => {
  test.each(["stop", "silence"] as const)(
    "of which the used one dies (%s): watches and calls move on within 5 s",
    async (how) => {
      await using rig = await kubeRig({ servers: 3 });
      rig.background(rig.rest.run(rig.signal));
      const reflector = await synced(rig);
      await rig.clock.advance(30_000);
      const [used] = rig.kube.listeners;
      if (how === "stop") await used!.stop();
      else {
        used!.isSilent = true;
        rig.kube.cutWatches("silence");
      }
      cordon(rig);
      const tookMs = await rig.clock.runUntil(() => reflector.items.get("n1") === true, 60_000, "the change");
      expect(tookMs).toBeLessThanOrEqual(5_000);
      const startedAt = rig.clock.now().monoMs;
      await rig.rest.call({ method: "GET", path: "/api/v1/nodes/n1", resource: "nodes", signal: rig.signal });
      expect(rig.clock.now().monoMs).toBe(startedAt);
    },
  );
});
