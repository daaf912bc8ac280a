import fc from "fast-check";
import { expect, test } from "vitest";
import { blindMs, LeaseSights } from "../../../src/kube/lease-sight.ts";
import { NodeSight } from "../../../src/kube/node-sight.ts";

interface Read {
  readonly waitMs: number;
  readonly value: number;
}

const reads = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 40_000 }), value: fc.nat(2) }), {
  minLength: 1,
  maxLength: 40,
});

/** Start of the last run of equal values without a gap of `gapMs` in it. */
function startOfRun(all: readonly Read[], gapMs: number): number {
  let now = 0;
  let since = 0;
  all.forEach(({ waitMs, value }, index) => {
    now += waitMs;
    if (index === 0 || all[index - 1]!.value !== value || waitMs >= gapMs) since = now;
  });
  return since;
}

test("a Lease is as old as the run of reads that showed it unchanged, without a blind spell among them", () => {
  fc.assert(
    fc.property(reads, (all) => {
      let now = 0;
      const sights = new LeaseSights(() => now);
      for (const { waitMs, value } of all) {
        now += waitMs;
        sights.see("n1", { metadata: { uid: "u" }, spec: { renewTime: `t${value}` } });
      }
      expect(sights.of("n1")).toMatchObject({ changedAtMonoMs: startOfRun(all, blindMs), readAtMonoMs: now });
    }),
    { numRuns: 1_000 },
  );
});

test("a condition is as old as the run of reads that showed its status", () => {
  fc.assert(
    fc.property(reads, (all) => {
      let now = 0;
      const sight = new NodeSight(() => now);
      let seen = Number.NaN;
      all.forEach(({ waitMs, value }, version) => {
        now += waitMs;
        const conditions = [{ type: "Ready", status: `s${value}` }];
        const shown = { name: "n1", uid: "u", resourceVersion: `${version + 1}`, conditions, isUnschedulable: false };
        seen = sight.see(shown).condition("Ready");
      });
      expect(seen).toBe(startOfRun(all, Number.POSITIVE_INFINITY));
    }),
    { numRuns: 1_000 },
  );
});

test("an older version that arrives late changes no age", () => {
  let now = 0;
  const sight = new NodeSight(() => now);
  const show = (resourceVersion: string, status: string, isUnschedulable: boolean) =>
    sight.see({ name: "n1", uid: "u", resourceVersion, conditions: [{ type: "Ready", status }], isUnschedulable });
  show("9", "True", false);
  now = 10;
  show("11", "False", true);
  now = 20;
  show("10", "True", false);
  now = 30;
  const seen = show("12", "False", true);
  expect([seen.condition("Ready"), seen.unschedulable]).toEqual([10, 10]);
});

/** Reads a Lease with this version and renewal every 4 s, for so long. */
function reader(sights: LeaseSights, time: { now: number }) {
  return (resourceVersion: string, renewTime: string, forMs: number) => {
    const end = time.now + forMs;
    for (; time.now < end; time.now += 4_000) {
      sights.see("n1", { metadata: { uid: "u", resourceVersion }, spec: { renewTime } });
    }
  };
}

test("a Lease whose version went back for good, as by a restored etcd, is aged anew after the blind time", () => {
  const time = { now: 0 };
  const sights = new LeaseSights(() => time.now);
  const read = reader(sights, time);
  read("100", "t9", 8_000);
  read("50", "t5", 60_000);
  const sight = sights.of("n1")!;
  const silentForMs = sight.readAtMonoMs - sight.changedAtMonoMs;
  expect(sight.version).toBe("u/t5");
  expect(silentForMs).toBeGreaterThan(35_000);
  expect(silentForMs).toBeLessThanOrEqual(60_000 - blindMs);
  read("51", "t6", 4_000);
  expect(sights.of("n1")).toMatchObject({ version: "u/t6", hasMoved: true });
});

test("an older Lease that arrives late is no sign of life", () => {
  const time = { now: 0 };
  const sights = new LeaseSights(() => time.now);
  const read = reader(sights, time);
  read("100", "t9", 8_000);
  read("99", "t8", 4_000);
  read("100", "t9", 4_000);
  expect(sights.of("n1")).toMatchObject({ changedAtMonoMs: 0, readAtMonoMs: 12_000, hasMoved: false });
});
