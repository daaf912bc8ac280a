import { describe, expect, test } from "vitest";
import type { FileReport } from "../../runner/report.ts";
import { afterSecondTry, secondTries } from "../../runner/second-try.ts";
import { summary } from "../../runner/summary.ts";
import { counted, explained } from "../../runner/vitest.ts";

const report = (file: string, messages: readonly string[] = [], passed = 3): FileReport => ({
  file,
  passed,
  skipped: 1,
  failures: messages.map((message) => ({ test: `a test of ${file}`, message })),
});
const late = "not within 30000 ms: node is Ready; last answer: 404";
const wrong = "expected 2 to be 1";

describe("counts", () => {
  test("are the sums of the files, with place and message of what failed", () => {
    expect(counted([report("a.test.ts"), report("b.test.ts", [wrong])])).toEqual({
      passed: 6,
      failed: 1,
      skipped: 2,
      failures: [`b.test.ts > a test of b.test.ts\n    ${wrong}`],
    });
  });

  test("a long message is cut", () => {
    const { failures = [] } = counted([report("a.test.ts", [Array(50).fill("line").join("\n")])]);
    expect(failures[0]?.split("\n").length).toBeLessThan(10);
  });

  test("an exit code that the report does not explain is a failure", () => {
    expect(counted(explained(JSON.stringify([report("a.test.ts")]), 1))).toMatchObject({ passed: 3, failed: 1 });
  });

  test("no report is a failure", () => {
    expect(counted(explained(undefined, 0))).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe("a second try", () => {
  test("is for files in which waits ran out, of tests and of hooks", () => {
    const hook = report("b.test.ts", ["Hook timed out in 300000ms.\nIf this is a long-running hook …"]);
    expect(secondTries([report("a.test.ts", [late]), hook, report("c.test.ts")])).toEqual(["a.test.ts", "b.test.ts"]);
  });

  test("is for a file in which other tests failed after the wait", () => {
    expect(secondTries([report("a.test.ts", [late, wrong])])).toEqual(["a.test.ts"]);
  });

  test("is not for a wrong value before it in the same file, or in another", () => {
    expect(secondTries([report("a.test.ts", [wrong, late])])).toEqual([]);
    expect(secondTries([report("a.test.ts", [late]), report("b.test.ts", [wrong])])).toEqual([]);
  });

  test("is not for what no test explains, and not for many files", () => {
    expect(secondTries([report("", [late])])).toEqual([]);
    expect(secondTries(["a", "b", "c", "d"].map((file) => report(file, [late])))).toEqual([]);
  });

  test("takes the place of the first in the counts", () => {
    const first = [report("a.test.ts", [late], 2), report("c.test.ts")];
    expect(counted(afterSecondTry(first, [report("a.test.ts")]))).toMatchObject({ passed: 6, failed: 0 });
    expect(counted(afterSecondTry(first, [report("a.test.ts", [late], 2)]))).toMatchObject({ passed: 5, failed: 1 });
  });
});

describe("the summary", () => {
  const step = { name: "unit", passed: 2, failed: 1, skipped: 0, seconds: 1.25 };

  test("ends with the counts of all steps and nothing else", () => {
    const lines = summary([step, { ...step, name: "e2e", failed: 0, skipped: 4, note: "needs Go" }]).split("\n");
    expect(lines.at(-1)).toBe("4 passed, 1 failed, 4 skipped");
    expect(lines.at(-2)).toContain("needs Go");
  });

  test("begins with what failed", () => {
    expect(summary([{ ...step, failures: ["a.test.ts > a sentence"] }])).toMatch(/^unit: a.test.ts > a sentence\n/);
  });
});
