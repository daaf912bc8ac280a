import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, maxDurationMs, parseDuration } from "../../../src/util/duration.ts";

describe("durations", () => {
  test("what formatDuration writes, parseDuration reads back to the nanosecond", () => {
    const wholeMs = fc.integer({ min: -9_223_372_036_854, max: 9_223_372_036_854 });
    const ns = fc.integer({ min: -(2 ** 48), max: 2 ** 48 }).map((value) => value / 1_000_000);
    fc.assert(
      fc.property(fc.oneof(wholeMs, ns), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms === 0 ? 0 : ms);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a duration of several parts is the sum of its parts", () => {
    const parts = fc.tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), fc.nat(1_000));
    fc.assert(
      fc.property(parts, ([h, m, s, ms]) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(h * 3_600_000 + m * 60_000 + s * 1_000 + ms);
      }),
      { numRuns: 1_000 },
    );
  });

  test("no text makes parseDuration throw or leave Go's range", () => {
    const alphabet = fc.constantFrom(..."0123456789.hmsnuµ+- e");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(alphabet).map((letters) => letters.join("")),
        ),
        (text) => {
          const ms = parseDuration(text);
          expect(ms === undefined || Math.abs(ms) <= maxDurationMs).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
