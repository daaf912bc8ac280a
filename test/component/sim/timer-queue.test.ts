import fc from "fast-check";
import { expect, test } from "vitest";
import { TimerQueue } from "../../support/timer-queue.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

test("runs what was not cancelled, by due time and then by age", () => {
  const timers = fc.array(fc.record({ atMs: fc.nat(20), isCancelled: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(timers, (given) => {
      const queue = new TimerQueue();
      const ran: number[] = [];
      const cancels = given.map(({ atMs }, index) => queue.add(atMs, "", () => ran.push(index)));
      given.forEach(({ isCancelled }, index) => {
        if (isCancelled) cancels[index]?.();
      });
      while (queue.nextAtMs() !== undefined) queue.runFirst();
      const kept = given.map((one, index) => ({ ...one, index })).filter((one) => !one.isCancelled);
      expect(ran).toEqual(
        kept.sort((left, right) => left.atMs - right.atMs || left.index - right.index).map((one) => one.index),
      );
    }),
  );
});

test("cancelling a timer that ran does no harm to others", () => {
  const queue = new TimerQueue();
  const ran: string[] = [];
  const cancel = queue.add(1, "", () => ran.push("first"));
  queue.runFirst();
  cancel();
  queue.add(2, "", () => ran.push("second"));
  queue.runFirst();
  expect([ran, queue.nextAtMs()]).toEqual([["first", "second"], undefined]);
});

test("a frozen process finds its timers due all at once", async () => {
  const clock = new VirtualClock();
  const startMs = clock.now().monoMs;
  const seen: number[] = [];
  for (const ms of [100, 200, 300]) void clock.sleep(ms).then(() => void seen.push(clock.now().monoMs - startMs));
  clock.freeze(250);
  await clock.settle();
  expect(seen).toEqual([]);
  await clock.advance(0);
  expect(seen).toEqual([250, 250]);
  await clock.advance(50);
  expect(seen).toEqual([250, 250, 300]);
});

test("an aborted sleep ends with the signal's reason and leaves no timer", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(1_000, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(sleeping).rejects.toThrow("stopped");
  await expect(clock.sleep(1, stop.signal)).rejects.toThrow("stopped");
  expect(clock.describe()).toContain("timers: none");
});
