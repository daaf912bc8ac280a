import { describe, expect, test } from "vitest";
import { KubeEventRecorder } from "../../../src/kube/events.ts";
import { DaemonSetPause } from "../../../src/kube/pause-source.ts";
import { readServerVersion } from "../../../src/kube/server-version.ts";
import { kubeRig, type Rig } from "./rig.ts";

const daemonSet = (annotations: object) => ({ metadata: { name: "aceso", namespace: "aceso", annotations }, spec: {} });

describe("the DaemonSet's annotations", () => {
  test("are watched, ours only, and read live", async () => {
    await using rig = await kubeRig();
    rig.kube.store.put("daemonsets", daemonSet({ "aceso.dev/paused": "upgrade", other: "x" }));
    const pause = new DaemonSetPause(rig.rest, rig.log, "aceso", "aceso");
    expect(pause.current().kind).toBe("unreadable");
    rig.background(pause.run(rig.signal));
    await rig.clock.runUntil(() => pause.current().kind === "read", 5_000, "the DaemonSet");
    expect(pause.current()).toEqual({ kind: "read", annotations: { "aceso.dev/paused": "upgrade" } });
    rig.kube.store.put("daemonsets", daemonSet({}));
    await rig.clock.settle();
    expect(pause.current()).toEqual({ kind: "read", annotations: {} });
    expect(await pause.read(rig.signal)).toEqual({ kind: "read", annotations: {} });
  });

  test("that are not there or cannot be read are unreadable", async () => {
    await using rig = await kubeRig();
    const pause = new DaemonSetPause(rig.rest, rig.log, "aceso", "aceso");
    expect((await pause.read(rig.signal)).kind).toBe("unreadable");
    rig.kube.store.put("daemonsets", daemonSet({}));
    rig.background(pause.run(rig.signal));
    await rig.clock.runUntil(() => pause.current().kind === "read", 5_000, "the DaemonSet");
    rig.kube.faults.add({ match: {}, times: Number.POSITIVE_INFINITY, fault: { kind: "answer", code: 403 } });
    rig.kube.cutWatches("reset");
    await rig.clock.advance(240_000);
    expect(pause.current().kind).toBe("unreadable");
    expect((await pause.read(rig.signal)).kind).toBe("unreadable");
  });
});

describe("events", () => {
  const note = {
    node: "n1",
    nodeUid: "u1",
    type: "Warning",
    reason: "RepairFencing",
    action: "Fencing",
    note: "off",
  } as const;
  const events = (rig: Rig) => rig.kube.store.list("events");

  test("are written in the background, with six fraction digits", async () => {
    await using rig = await kubeRig();
    const recorder = new KubeEventRecorder(rig.rest, rig.log, "aceso-1");
    recorder.record(note);
    await rig.clock.settle();
    expect(events(rig)).toMatchObject([
      {
        type: "Warning",
        reason: "RepairFencing",
        action: "Fencing",
        note: "off",
        regarding: { kind: "Node", name: "n1", uid: "u1" },
      },
    ]);
    expect(events(rig)[0]?.eventTime).toMatch(/\.\d{6}Z$/);
  });

  test("of one reason on one node become a series", async () => {
    await using rig = await kubeRig();
    const recorder = new KubeEventRecorder(rig.rest, rig.log, "aceso-1");
    for (let minute = 0; minute < 5; minute += 1) {
      recorder.record(note);
      recorder.record(note);
      await rig.clock.advance(61_000);
    }
    recorder.record({ ...note, node: "n2" });
    await rig.clock.settle();
    expect(
      events(rig).map((event) => [
        (event.regarding as { name: string }).name,
        (event.series as { count?: number } | undefined)?.count,
      ]),
    ).toEqual([
      ["n1", 9],
      ["n2", undefined],
    ]);
  });

  test("that cannot be written are dropped and counted, and the queue is bounded", async () => {
    await using rig = await kubeRig();
    const recorder = new KubeEventRecorder(rig.rest, rig.log, "aceso-1");
    rig.kube.faults.add({ match: {}, times: 1, fault: { kind: "stall" } });
    for (let number = 0; number < 400; number += 1) recorder.record({ ...note, node: `n${number}` });
    const end = new AbortController();
    const flushed = recorder.flush(end.signal);
    await rig.clock.advance(6_000);
    await flushed;
    const dropped = (why: string) => rig.meter.counts.get(`aceso_events_dropped_total{why=${why}}`);
    // One was being written, 256 waited.
    expect([dropped("queue-full"), dropped("not-written")]).toEqual([400 - 257, 1]);
    expect(events(rig)).toHaveLength(256);
  });

  test("still queued when time is up are given up", async () => {
    await using rig = await kubeRig();
    const recorder = new KubeEventRecorder(rig.rest, rig.log, "aceso-1");
    rig.kube.faults.add({ match: {}, times: Number.POSITIVE_INFINITY, fault: { kind: "stall" } });
    recorder.record(note);
    recorder.record({ ...note, node: "n2" });
    const end = new AbortController();
    const flushed = recorder.flush(end.signal);
    await rig.clock.settle();
    end.abort(new Error("time is up"));
    await flushed;
    expect(events(rig)).toEqual([]);
  });
});

test("the server's version tells whether the out-of-service taint works", async () => {
  await using rig = await kubeRig({ gitVersion: "v1.25.4" });
  expect(await readServerVersion(rig.rest, rig.signal)).toMatchObject({
    gitVersion: "v1.25.4",
    outOfService: "needs-gate",
  });
});
