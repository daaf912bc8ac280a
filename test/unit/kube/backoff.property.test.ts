import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff } from "../../../src/util/backoff.ts";

test("waits grow to the limit, never past it, and never below half a step", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1_000, max: 60_000 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (firstMs, mostMs, randoms) => {
        const waits = backoff(firstMs, mostMs, () => randoms.next().value ?? 0);
        for (let step = firstMs, round = 0; round < 20; round += 1, step = Math.min(mostMs, step * 2)) {
          const waitMs = waits.next();
          expect(waitMs).toBeGreaterThanOrEqual(step / 2);
          expect(waitMs).toBeLessThanOrEqual(step);
        }
        waits.reset();
        expect(waits.next()).toBeLessThanOrEqual(firstMs);
      },
    ),
    { numRuns: 200 },
  );
});
