import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileReport, reportVariable } from "./report.ts";
import { type Result, runNode } from "./step.ts";

/** Runs one project of vitest.config.ts, its output on the terminal. The exit code is explained by a failure. */
export async function runProject(
  project: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<readonly FileReport[]> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-report-"));
  try {
    const file = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=./test/runner/report.ts"];
    const { code } = await runNode(
      ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--passWithNoTests", ...reporters, ...args],
      { env: { ...env, [reportVariable]: file } },
    );
    return explained(await readFile(file, "utf8").catch(() => undefined), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The report as it was written; a missing one, or an exit code that it does not explain, is a failure of its own. */
export function explained(text: string | undefined, exitCode: number): readonly FileReport[] {
  const reports: readonly FileReport[] = text === undefined ? [] : JSON.parse(text);
  if (text !== undefined && (exitCode === 0 || reports.some(({ failures }) => failures.length > 0))) return reports;
  const message = text === undefined ? "left no report" : "failed in something that is no test";
  const failure = { test: "vitest", message: `${message} (exit code ${exitCode})` };
  return [...reports, { file: "", passed: 0, skipped: 0, failures: [failure] }];
}

/** Lines of an error that the end of the log repeats. */
const shownLines = 6;

/** Counts of reports, with what failed. */
export function counted(reports: readonly FileReport[]): Result {
  const sum = (count: (report: FileReport) => number) => reports.reduce((all, report) => all + count(report), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failures }) => failures.length),
    skipped: sum(({ skipped }) => skipped),
    failures: reports.flatMap(failuresOf),
  };
}

/** The failures of a file, each with its place and the beginning of its message. */
export function failuresOf({ file, failures }: FileReport): readonly string[] {
  return failures.map(({ test, message }) => {
    const lines = message.trim().split("\n");
    const place = file === "" || test === file ? test : `${file} > ${test}`;
    const shown = lines.length > shownLines ? [...lines.slice(0, shownLines), "…"] : lines;
    return [place, ...shown].join("\n    ");
  });
}
