import { writeFile } from "node:fs/promises";
import type { Reporter, SerializedError, TestModule } from "vitest/node";
import { root } from "./step.ts";

/** A test, a hook or a file that failed. */
export interface Failure {
  /** Names of its describes and its own; the file's path where it is not about one test. */
  readonly test: string;
  /** What came back, without the stack. */
  readonly message: string;
}

/** What became of one file of tests. */
export interface FileReport {
  /** Path from the root of the project. */
  readonly file: string;
  readonly passed: number;
  readonly skipped: number;
  /** Those of tests in the order of the file, then those of hooks. */
  readonly failures: readonly Failure[];
}

/** The variable that names the file to which the reporter writes its `FileReport[]`. */
export const reportVariable = "ACESO_TEST_REPORT";

/**
 * Reporter of vitest that writes counts and failures of each file as JSON. Vitest's own JSON report leaves out the errors
 * of hooks, and takes a file whose worker died for one that is still running.
 */
// biome-ignore lint/style/noDefaultExport: vitest takes a reporter from the default export of its file
export default class FileReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Promise<void> {
    const reports = modules.map(reportOf);
    const strays = unhandled.map((error) => ({ test: "outside of any test", message: error.message }));
    const all = strays.length === 0 ? reports : [...reports, { file: "", passed: 0, skipped: 0, failures: strays }];
    await writeFile(process.env[reportVariable] ?? "report.json", JSON.stringify(all));
  }
}

function reportOf(module: TestModule): FileReport {
  const file = module.moduleId.startsWith(`${root}/`) ? module.moduleId.slice(root.length + 1) : module.moduleId;
  const failures: Failure[] = [];
  const add = (test: string, errors: readonly { readonly message: string }[] | undefined) => {
    if (errors !== undefined && errors.length > 0)
      failures.push({ test, message: errors.map(({ message }) => message).join("\n") });
  };
  let passed = 0;
  let skipped = 0;
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === "passed") passed += 1;
    else if (state === "failed") add(test.fullName, errors?.length ? errors : [{ message: "failed without an error" }]);
    else skipped += 1;
  }
  for (const suite of module.children.allSuites()) add(suite.fullName, suite.errors());
  add(file, module.errors());
  const state = module.state();
  if (failures.length === 0 && state !== "passed" && state !== "skipped")
    failures.push({ test: file, message: `the file did not come to its end (${state})` });
  return { file, passed, skipped, failures };
}
