import { describe, expect, test } from "vitest";
import { summary } from "../../runner/summary.ts";
import { countReport } from "../../runner/vitest.ts";

const report = (
  counts: { passed?: number; failed?: number; pending?: number; todo?: number },
  results: unknown[] = [],
) =>
  JSON.stringify({
    numPassedTests: counts.passed ?? 0,
    numFailedTests: counts.failed ?? 0,
    numPendingTests: counts.pending ?? 0,
    numTodoTests: counts.todo ?? 0,
    testResults: results,
  });

describe("counts of a report", () => {
  test("are vitest's own when all is well", () => {
    expect(countReport(report({ passed: 3, pending: 1, todo: 1 }), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
  });

  test("a file that could not be loaded is a failure", () => {
    const broken = [{ status: "failed", assertionResults: [] }];
    expect(countReport(report({ passed: 3 }, broken), 1)).toMatchObject({ passed: 3, failed: 1 });
  });

  test("an exit code that the report does not explain is a failure", () => {
    expect(countReport(report({ passed: 3 }), 1)).toMatchObject({ passed: 3, failed: 1 });
  });

  test("no report is a failure", () => {
    expect(countReport(undefined, 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});

test("the summary ends with the counts of all steps and nothing else", () => {
  const step = { name: "unit", passed: 2, failed: 1, skipped: 0, seconds: 1.25 };
  const lines = summary([step, { ...step, name: "e2e", failed: 0, skipped: 4, note: "needs Go" }]).split("\n");
  expect(lines.at(-1)).toBe("4 passed, 1 failed, 4 skipped");
  expect(lines.at(-2)).toContain("needs Go");
});
