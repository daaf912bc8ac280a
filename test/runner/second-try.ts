import type { Failure, FileReport } from "./report.ts";

/** A run in which more files than this are late is not unsteady but broken. */
const mostFiles = 3;

/** What a wait that ran out says: `eventually` of test/support, and vitest of its tests and hooks. */
const overdue = [/^not within \d+ ms: /, /^(Test|Hook) timed out in \d+ms/];

/**
 * The files that may be played once more, alone: a wait ran out in them, which a slow machine does to real services. What
 * failed after it in the same file shares its services, and may be its consequence. A wrong value by itself stays a
 * failure, however rare it is. Empty where there is one, since the run is lost then.
 */
export function secondTries(reports: readonly FileReport[]): readonly string[] {
  const late = reports.filter(({ failures }) => failures.length > 0);
  const isOnlyLate = late.every(({ file, failures: [first] }) => file !== "" && isOverdue(first));
  return isOnlyLate && late.length <= mostFiles ? late.map(({ file }) => file) : [];
}

function isOverdue(failure: Failure | undefined): boolean {
  return failure !== undefined && overdue.some((pattern) => pattern.test(failure.message));
}

/** The reports with those of a second run in the place of the first. */
export function afterSecondTry(first: readonly FileReport[], second: readonly FileReport[]): readonly FileReport[] {
  const replayed = new Set(second.map(({ file }) => file));
  return [...first.filter(({ file }) => !replayed.has(file)), ...second];
}
