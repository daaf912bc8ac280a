/** Spaces between columns, as kubectl has them. */
const gap = "   ";
const empty = "<none>";

/**
 * A table as kubectl prints it: capitals on top, columns aligned on the left, no trailing spaces.
 *
 * @param rows one text a column; empty and undefined print as `<none>`
 */
export function table(columns: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((_, index) => cell(row[index])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => width(line[index] ?? ""))));
  const text = lines.map((line) =>
    line.map((it, index) => it + " ".repeat((widths[index] ?? 0) - width(it))).join(gap),
  );
  return `${text.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** A cell is one line of printable text: what others wrote must not move the cursor. */
function cell(text: string | undefined): string {
  return text === undefined || text === "" ? empty : oneLine(text);
}

/** Text from elsewhere on one line, control characters as spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** Text cut to a width, with `…` where something is missing. */
export function cut(text: string, most: number): string {
  const line = oneLine(text);
  return [...line].length <= most ? line : `${[...line].slice(0, most - 1).join("")}…`;
}

function width(text: string): number {
  return [...text].length;
}
