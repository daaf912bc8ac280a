import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, runNode } from "./step.ts";

/** The part of vitest's JSON report that is counted. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs one project of vitest.config.ts, its output on the terminal, and counts what it reports. */
export async function runProject(
  project: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Counts & { readonly note?: string }> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-report-"));
  try {
    const file = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { code } = await runNode(
      ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--passWithNoTests", ...reporters, ...args],
      { env },
    );
    const text = await readFile(file, "utf8").catch(() => undefined);
    return countReport(text, code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Counts of a report. No report, or an exit code that says more than the report, is a failure of its own. */
export function countReport(text: string | undefined, exitCode: number): Counts & { readonly note?: string } {
  if (text === undefined) {
    return { passed: 0, failed: 1, skipped: 0, note: `vitest left no report (exit code ${exitCode})` };
  }
  const report = JSON.parse(text) as Report;
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  const counts = {
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (exitCode !== 0 && failed === 0) return { ...counts, failed: 1, note: `vitest exited with ${exitCode}` };
  return brokenFiles > 0 ? { ...counts, note: `${brokenFiles} files could not be loaded` } : counts;
}
