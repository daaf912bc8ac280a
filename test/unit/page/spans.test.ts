import { describe, expect, test } from "vitest";
import { countdownText, spanText } from "../../../src/page/spans.ts";

describe("a countdown", () => {
  test.each([
    [0, "0:00"],
    [-5_000, "0:00"],
    [1, "0:01"],
    [7_000, "0:07"],
    [59_001, "1:00"],
    [750_000, "12:30"],
    [7_500_000, "2:05:00"],
    [3 * 86_400_000, "3 d"],
  ])("of %i ms is %s", (ms, text) => {
    expect(countdownText(ms)).toBe(text);
  });
});

describe("a span", () => {
  test.each([
    [0, "0 s"],
    [-1, "0 s"],
    [10, "0.1 s"],
    [400, "0.4 s"],
    [960, "1 s"],
    [94_000, "94 s"],
    [125_000, "2 min 5 s"],
    [240_000, "4 min"],
    [1_500_000, "25 min"],
    [12_000_000, "3 h 20 min"],
    [26 * 3_600_000, "26 h"],
    [4 * 86_400_000, "4 d"],
  ])("of %i ms is %s", (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});
