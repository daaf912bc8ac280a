import fc from "fast-check";
import { expect, test } from "vitest";
import { formatPercent, parsePercent } from "../../../src/util/percent.ts";

test("what formatPercent writes, parsePercent reads back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
      const ratio = parsePercent(`${(hundredths / 100).toFixed(2)}%`);
      expect(ratio).toBeCloseTo(hundredths / 10_000, 12);
      expect(parsePercent(formatPercent(ratio ?? -1))).toBe(ratio);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["40%", 0.4],
  ["0%", 0],
  ["100%", 1],
  ["12.5%", 0.125],
])("reads %s", (text, ratio) => {
  expect(parsePercent(text)).toBe(ratio);
});

test.each(["", "40", "%", "-1%", "101%", "100.1%", "4 %", "1e1%", "40%%", "0.4"])(
  "does not take %j for a share",
  (text) => {
    expect(parsePercent(text)).toBeUndefined();
  },
);
