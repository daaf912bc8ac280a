import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "../../../src/util/nearest.ts";

const keys = ["dry-run", "healthcheck", "monitor-interval", "max-parallel", "leader-elect", "leader-election"];
const word = fc.string({ maxLength: 12 });

describe("nearest", () => {
  test.each([
    ["dryRun", "dry-run"],
    ["Dry-Run", "dry-run"],
    ["dry_run", "dry-run"],
    ["healthchek", "healthcheck"],
    ["health-check", "healthcheck"],
    ["monitor-intervall", "monitor-interval"],
    ["leader-electon", "leader-election"],
  ])("%s was meant to be %s", (typed, meant) => {
    expect(nearest(typed, keys)).toBe(meant);
  });

  test.each(["kubernetes", "x", "", "a".repeat(10_000)])("finds nothing near %j", (typed) => {
    expect(nearest(typed, keys)).toBeUndefined();
  });
});

describe("editDistance", () => {
  test("is zero for equal words only, the same both ways, and at most the longer word", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
      { numRuns: 1_000 },
    );
  });

  test("a detour is never shorter", () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
      { numRuns: 1_000 },
    );
  });
});
