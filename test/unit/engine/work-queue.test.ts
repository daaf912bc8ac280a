import { expect, test } from "vitest";
import { type Again, WorkQueue } from "../../../src/engine/work-queue.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** A queue whose runs last until the test ends them. */
function rig(work: (key: string, run: number) => Promise<Again> | Again = () => undefined) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const runs: string[] = [];
  const queue = new WorkQueue(
    clock,
    async (key) => {
      runs.push(key);
      return work(key, runs.length);
    },
    stop.signal,
  );
  return { clock, stop, runs, queue };
}

test("one run a key at a time; additions during a run make one more run", async () => {
  const gate = Promise.withResolvers<Again>();
  const { clock, runs, queue } = rig((_, run) => (run === 1 ? gate.promise : undefined));
  for (let additions = 0; additions < 5; additions += 1) queue.add("a");
  await clock.settle();
  expect(runs).toEqual(["a"]);
  gate.resolve(undefined);
  await clock.settle();
  expect(runs).toEqual(["a", "a"]);
  expect(queue.depth).toBe(0);
});

test("a slow key holds no other back", async () => {
  const gate = Promise.withResolvers<Again>();
  const { clock, runs, queue } = rig((key) => (key === "slow" ? gate.promise : undefined));
  queue.add("slow");
  queue.add("fast");
  await clock.settle();
  expect([runs, queue.depth]).toEqual([["slow", "fast"], 1]);
  gate.resolve(undefined);
});

test("a run that asks for another look gets it after that time, and no earlier", async () => {
  const { clock, runs, queue } = rig((_, run) => (run === 1 ? { afterMs: 1_000 } : undefined));
  queue.add("a");
  await clock.advance(999);
  expect(runs).toHaveLength(1);
  await clock.advance(1);
  expect(runs).toHaveLength(2);
});

test("of two delays the earlier one counts, and an addition counts at once for both", async () => {
  const { clock, runs, queue } = rig();
  queue.addAfter("a", 5_000);
  queue.addAfter("a", 1_000);
  queue.addAfter("a", 9_000);
  await clock.advance(1_000);
  expect(runs).toHaveLength(1);
  queue.addAfter("a", 1_000);
  queue.add("a");
  await clock.advance(60_000);
  expect(runs).toHaveLength(2);
});

test("after the signal nothing begins, and drained waits for what runs", async () => {
  const gate = Promise.withResolvers<Again>();
  const { clock, stop, runs, queue } = rig(() => gate.promise);
  queue.add("a");
  await clock.settle();
  queue.add("a");
  stop.abort();
  queue.add("b");
  queue.addAfter("c", 1);
  let isDrained = false;
  const drained = queue.drained().then(() => {
    isDrained = true;
  });
  await clock.settle();
  expect(isDrained).toBe(false);
  gate.resolve({ afterMs: 1 });
  await drained;
  await clock.advance(60_000);
  expect(runs).toEqual(["a"]);
});

test("work that throws is reported and run again after a pause; no key is stuck", async () => {
  const clock = new VirtualClock();
  const reported: [string, unknown][] = [];
  const runs: string[] = [];
  const bug = new Error("bug");
  const work = (key: string): Promise<Again> => {
    runs.push(key);
    if (runs.length === 1) throw bug;
    return runs.length === 2 ? Promise.reject(bug) : Promise.resolve(undefined);
  };
  const stop = new AbortController();
  const queue = new WorkQueue(clock, work, stop.signal, (key, error) => {
    reported.push([key, error]);
    throw new Error("the reporter is broken too");
  });
  queue.add("a");
  await clock.advance(4_999);
  expect(runs).toEqual(["a"]);
  await clock.advance(1);
  expect(runs).toEqual(["a", "a"]);
  await clock.advance(5_000);
  expect(runs).toEqual(["a", "a", "a"]);
  expect(reported).toEqual([
    ["a", bug],
    ["a", bug],
  ]);
  expect(queue.depth).toBe(0);
});
