import { expect, test } from "vitest";
import { drain } from "../../../src/engine/drain.ts";
import type { EffectRun } from "../../../src/engine/effect-run.ts";
import { runEffect } from "../../../src/engine/effects.ts";
import type { Eviction, PodFacts } from "../../../src/ports/node-control.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const podNamed = (name: string): PodFacts => ({
  namespace: "apps",
  name,
  uid: name,
  isDaemonSet: false,
  isMirror: false,
  isTerminating: false,
  isFinished: false,
  toleratesOutOfService: false,
  claims: [],
});

/** A node with these pods, and what evicting or releasing one of them does. */
function rig(names: readonly string[], onPod: (name: string) => Promise<Eviction>, effect = "drain") {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const asked: string[] = [];
  const left = new Map(names.map((name) => [name, podNamed(name)]));
  const evict = async (pod: PodFacts) => {
    asked.push(pod.name);
    const eviction = await onPod(pod.name);
    if (eviction.kind !== "blocked") left.delete(pod.name);
    return eviction;
  };
  const workloads = { podsOn: async () => [...left.values()], evict, releasePod: evict };
  const run = {
    shift: { clock, log: quietLog, workloads },
    record: { node: "a" },
    intent: { effect, id: "x" },
    signal: stop.signal,
    mayAct: async () => ({ pods: [...left.values()] }),
  } as unknown as EffectRun;
  return { clock, stop, asked, left, run };
}

const accepted = async (): Promise<Eviction> => ({ kind: "accepted" });

test("a pod that cannot be evicted holds no other back, and its reason is told when time is over", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const it = rig(names, async (name) => {
    if (name === "p7") throw new Error("This pod has more than one PodDisruptionBudget");
    return accepted();
  });
  const drained = drain(it.run);
  await it.clock.advance(12_000);
  expect([...it.left.keys()]).toEqual(["p7"]);
  expect(it.asked.filter((name) => name === "p7")).toHaveLength(3);
  it.stop.abort(new Error("deadline"));
  expect(await drained).toBe("time is over; apps/p7: This pod has more than one PodDisruptionBudget");
});

test("after the signal no further pod is evicted, and a drain that was cut short says so", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const gate = Promise.withResolvers<void>();
  const it = rig(names, async (name) => {
    await gate.promise;
    if (name === "p11") throw new Error("cut off");
    return accepted();
  });
  const drained = drain(it.run).catch((error: unknown) => error);
  await it.clock.settle();
  it.stop.abort(new Error("deadline"));
  gate.resolve();
  expect(await drained).toMatchObject({ message: "cut off" });
  await it.clock.settle();
  expect(it.asked).toHaveLength(4);
});

test("a drain does not end while an eviction is under way", async () => {
  const gate = Promise.withResolvers<void>();
  const it = rig(["p0", "p1"], async (name) => {
    if (name === "p1") throw new Error("refused");
    await gate.promise;
    return accepted();
  });
  let isOver = false;
  const drained = drain(it.run).then(
    () => (isOver = true),
    () => (isOver = true),
  );
  await it.clock.settle();
  expect(isOver).toBe(false);
  it.stop.abort(new Error("deadline"));
  await it.clock.settle();
  expect(isOver).toBe(false);
  gate.resolve();
  await drained;
});

test("a forced deletion tries every pod of its batch, waits for all of them, and then tells of the first failure", async () => {
  const gate = Promise.withResolvers<void>();
  const it = rig(
    ["p0", "p1", "p2"],
    async (name) => {
      if (name === "p0") throw new Error("refused");
      await gate.promise;
      return accepted();
    },
    "force-delete",
  );
  let isOver = false;
  const result = runEffect(it.run).finally(() => {
    isOver = true;
  });
  await it.clock.settle();
  expect([it.asked, isOver]).toEqual([["p0", "p1", "p2"], false]);
  gate.resolve();
  expect(await result).toMatchObject({ outcome: "unknown", message: "refused" });
  expect([...it.left.keys()]).toEqual(["p0"]);
});
