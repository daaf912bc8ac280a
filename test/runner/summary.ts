import type { Counts, Outcome } from "./step.ts";

export function total(outcomes: readonly Outcome[]): Counts {
  const sum = (key: keyof Counts) => outcomes.reduce((all, outcome) => all + outcome[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/**
 * What failed, so that the end of a long log says it; then one line a step, and as the last line
 * `N passed, N failed, N skipped`.
 */
export function summary(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length), "step".length);
  const row = (name: string, ...cells: string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(8))].join("");
  const lines = outcomes.map(
    ({ name, passed, failed, skipped, seconds, note }) =>
      row(name, String(passed), String(failed), String(skipped), seconds.toFixed(1)) + (note ? `  ${note}` : ""),
  );
  const { passed, failed, skipped } = total(outcomes);
  return [
    ...outcomes.flatMap(({ name, failures = [] }) => failures.map((text) => `${name}: ${text}\n`)),
    row("step", "passed", "failed", "skipped", "seconds"),
    ...lines,
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ].join("\n");
}
