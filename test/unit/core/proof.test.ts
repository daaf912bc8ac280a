import fc from "fast-check";
import { expect, test } from "vitest";
import type { PowerState } from "../../../src/core/model.ts";
import { freshPower, proofOfOff } from "../../../src/core/proof.ts";
import { now, reading } from "../../support/core-builders.ts";

type Read = readonly [PowerState, number];
const isProven = (...reads: Read[]) =>
  proofOfOff(
    reads.map(([power, ms]) => reading(power, ms)),
    now,
  ) !== undefined;

test.each<[string, boolean, Read[]]>([
  ["no read", false, []],
  ["one read", false, [["off", 0]]],
  [
    "two reads 2 s apart",
    true,
    [
      ["off", 2_000],
      ["off", 0],
    ],
  ],
  [
    "two reads less than 2 s apart",
    false,
    [
      ["off", 1_999],
      ["off", 0],
    ],
  ],
  [
    "a last read 10 s old",
    true,
    [
      ["off", 13_000],
      ["off", 10_000],
    ],
  ],
  [
    "a last read older than 10 s",
    false,
    [
      ["off", 13_000],
      ["off", 10_001],
    ],
  ],
  [
    "an unknown in between",
    false,
    [
      ["off", 4_000],
      ["unknown", 2_000],
      ["off", 0],
    ],
  ],
  [
    "an unknown before",
    true,
    [
      ["unknown", 6_000],
      ["off", 4_000],
      ["off", 0],
    ],
  ],
  [
    "a change at last",
    false,
    [
      ["off", 4_000],
      ["off", 2_000],
      ["changing", 0],
    ],
  ],
])("%s: proven is %s", (_, expected, reads) => {
  expect(isProven(...reads)).toBe(expected);
});

test("two machines prove nothing of one another", () => {
  expect(proofOfOff([reading("off", 4_000, "a"), reading("off", 0, "b")], now)).toBeUndefined();
});

test("a slow answer is as old as its question", () => {
  const slow = { ...reading("off", 0), askedAtMonoMs: now.monoMs - 10_001 };
  expect(proofOfOff([reading("off", 20_000), slow], now)).toBeUndefined();
  expect(freshPower([slow], now)).toBeUndefined();
});

test("whatever was read, proof ends in a run of off that spans 2 s and is at most 10 s old", () => {
  const read = fc.tuple(fc.constantFrom<PowerState>("on", "off", "off", "off", "changing", "unknown"), fc.nat(15_000));
  fc.assert(
    fc.property(fc.array(read, { maxLength: 8 }), (reads) => {
      const readings = [...reads].sort((a, b) => b[1] - a[1]).map(([power, ms]) => reading(power, ms));
      const proof = proofOfOff(readings, now);
      if (proof === undefined) return;
      expect(now.monoMs - proof.last.askedAtMonoMs).toBeLessThanOrEqual(10_000);
      expect(proof.last.askedAtMonoMs - proof.first.readAtMonoMs).toBeGreaterThanOrEqual(2_000);
      const run = readings.slice(readings.indexOf(proof.first));
      expect(run.every((it) => it.power === "off")).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
