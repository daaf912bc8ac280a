import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LeaseSeen, seeLease, takeableInMs, takenSpec, toLeaderLease } from "../../../src/kube/lease-object.ts";
import { microTime } from "../../../src/kube/micro-time.ts";

const leaseOf = (renewTime: string, holder = "a") =>
  toLeaderLease({
    metadata: { uid: "u", resourceVersion: "1" },
    spec: { holderIdentity: holder, leaseDurationSeconds: 20, leaseTransitions: 1, renewTime },
  });

test("a held Lease is taken only after its whole duration without a sign, whatever its timestamps say", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 19_999 }), { maxLength: 20 });
  fc.assert(
    fc.property(gaps, fc.array(fc.string()), (waits, foreignTimes) => {
      let seen: LeaseSeen | undefined;
      let now = 0;
      waits.forEach((waitMs, index) => {
        seen = seeLease(seen, leaseOf(`${index} ${foreignTimes[index] ?? ""}`), now);
        now += waitMs;
        expect(takeableInMs(seen, now)).toBe(20_000 - waitMs);
      });
    }),
    { numRuns: 1_000 },
  );
});

test("a Lease that stands still is takeable exactly when its duration is over", () => {
  const first = seeLease(undefined, leaseOf("x"), 1_000);
  const again = seeLease(first, leaseOf("x"), 15_000);
  expect([takeableInMs(again, 20_999), takeableInMs(again, 21_000), takeableInMs(again, 90_000)]).toEqual([1, 0, 0]);
});

describe("a Lease that may be taken at once", () => {
  test("is one that nobody made, or nobody holds", () => {
    expect(takeableInMs(undefined, 0)).toBe(0);
    expect(takeableInMs(seeLease(undefined, leaseOf("x", ""), 0), 0)).toBe(0);
  });
});

test("times have exactly six fraction digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (wallMs) => {
      expect(microTime(wallMs)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(Date.parse(microTime(wallMs))).toBe(wallMs);
    }),
  );
});

test("a duration that is no whole second is rounded up, never down", () => {
  expect(takenSpec("a", 2_500, 1, 0).leaseDurationSeconds).toBe(3);
});
