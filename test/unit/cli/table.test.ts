import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeText } from "../../../src/cli/output.ts";
import { cut, table } from "../../../src/cli/table.ts";
import { ageText } from "../../../src/core/age.ts";

describe("tables", () => {
  test("columns are aligned with three spaces between them and none at the end", () => {
    const text = table(
      ["NAME", "AGE"],
      [
        ["a-long-name", "5m"],
        ["b", "2h"],
      ],
    );
    expect(text).toBe("NAME          AGE\na-long-name   5m\nb             2h\n");
  });

  test("what is missing prints as <none>", () => {
    expect(table(["A", "B"], [[undefined, ""]])).toBe("A        B\n<none>   <none>\n");
  });

  test("text of others cannot move the cursor or break the line", () => {
    const text = table(["A"], [["x\u001b[2J\ny"]]);
    expect(text).toBe("A\nx [2J y\n");
  });

  test("every column begins at the same place in every line", () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(..."abcdefgh") });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 6 }), (rows) => {
        const lines = table(["ONE", "TWO", "THREE"], rows).trimEnd().split("\n");
        const starts = (line: string) => [...line.matchAll(/\S+/g)].map((it) => it.index);
        for (const line of lines) expect(starts(line)).toEqual(starts(lines[0] ?? ""));
      }),
    );
  });

  test("a text that is cut says so", () => {
    expect(cut("abcdef", 4)).toBe("abc…");
    expect(cut("abc", 4)).toBe("abc");
  });
});

describe("ages", () => {
  test.each([
    [0, "0s"],
    [-5, "0s"],
    [119_000, "119s"],
    [120_000, "2m"],
    [330_000, "5m30s"],
    [600_000, "10m"],
    [7_200_000, "120m"],
    [3 * 3_600_000, "3h"],
    [3.5 * 3_600_000, "3h30m"],
    [47 * 3_600_000, "47h"],
    [50 * 3_600_000, "2d2h"],
    [30 * 86_400_000, "30d"],
  ])("%i ms is %s", (ms, text) => {
    expect(ageText(ms)).toBe(text);
  });

  test("times are written as Kubernetes writes them", () => {
    expect(timeText(Date.UTC(2026, 0, 31, 18, 0, 0, 123))).toBe("2026-01-31T18:00:00Z");
  });
});
