import fc from "fast-check";
import { expect, test } from "vitest";
import { Observer } from "../../../src/observer/observer.ts";
import { duePlans, pairKey } from "../../../src/observer/probe-plan.ts";
import type { ProbeTarget } from "../../../src/ports/reports.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { FakePublisher, FakeTargetList, result, target } from "./fixtures.ts";

const names = ["a", "b", "c", "d"];
const verdict = fc.constantFrom("pass", "fail", "unknown" as const);
/** One sweep of the story: who is there, and what the check would say of whom. */
const scene = fc.record({
  present: fc.subarray(names, { minLength: 1 }),
  verdicts: fc.tuple(verdict, verdict, verdict, verdict),
  isListBroken: fc.boolean(),
  isServerBroken: fc.boolean(),
});

test("whatever happens, the last report tells of each target exactly what the last probe of it said", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(scene, { minLength: 1, maxLength: 6 }), async (scenes) => {
      const clock = new VirtualClock();
      const list = new FakeTargetList(names.map((name) => target(name)));
      const publisher = new FakePublisher();
      const last = new Map<string, string>();
      let verdicts: readonly string[] = ["pass", "pass", "pass", "pass"];
      const check = {
        probe: async ({ name }: ProbeTarget) => {
          const said = verdicts[names.indexOf(name)] as "pass" | "fail" | "unknown";
          last.set(name, said);
          return result(said);
        },
      };
      const probes = [{ id: "Endpoint", role: "worker" as const, intervalMs: 10_000, timeoutMs: 5_000, check }];
      const ports = { clock, targets: list, publisher, log: recordingLog(), meter: recordingMeter() };
      const stop = new AbortController();
      const run = new Observer({ node: "a", instance: "i", probes, mute: undefined }, ports).run(stop.signal);
      for (const step of scenes) {
        verdicts = step.verdicts;
        list.targets = step.present.map((name) => target(name));
        list.problem = step.isListBroken ? new Error("away") : undefined;
        publisher.problem = step.isServerBroken ? new Error("away") : undefined;
        await clock.advance(30_000);
      }
      list.problem = undefined;
      publisher.problem = undefined;
      // Longer than the pause between two lists and the longest wait after a failure.
      await clock.advance(400_000);
      const report = publisher.last;
      const wanted = (what: string) => list.targets.map(({ name }) => name).filter((name) => last.get(name) === what);
      expect(report?.targets).toBe(list.targets.length);
      expect(report?.failing.map(({ node }) => node)).toEqual(wanted("fail"));
      expect(report?.unknown.map(({ node }) => node)).toEqual(wanted("unknown"));
      stop.abort();
      await run;
    }),
    { numRuns: 100 },
  );
});

test("a plan runs at least once in its interval and the sweep after it, and not much more often", () => {
  const input = fc.record({
    everyMs: fc.integer({ min: 1_000, max: 60_000 }),
    factor: fc.integer({ min: 1, max: 20 }),
    jitters: fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 30, maxLength: 60 }),
  });
  fc.assert(
    fc.property(input, ({ everyMs, factor, jitters }) => {
      const plan = { id: "c", role: "worker" as const, intervalMs: everyMs * factor };
      const node = target("a");
      const lastRun = new Map<string, number>();
      let nowMs = 0;
      for (const jitter of jitters) {
        const before = lastRun.get(pairKey(node, "c"));
        const isDue = duePlans(node, [plan], lastRun, nowMs, everyMs).length === 1;
        if (isDue) lastRun.set(pairKey(node, "c"), nowMs);
        if (before !== undefined && isDue) expect(nowMs - before).toBeGreaterThanOrEqual(plan.intervalMs - everyMs / 2);
        if (before !== undefined && !isDue) expect(nowMs - before).toBeLessThan(plan.intervalMs);
        nowMs += everyMs * jitter;
      }
    }),
    { numRuns: 1_000 },
  );
});
