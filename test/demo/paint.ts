/** How a piece of text is meant; without colours it must read as well. */
export type Tone = "plain" | "good" | "bad" | "warn" | "dim" | "strong" | "accent";

export type Span = string | readonly [text: string, tone: Tone];
export type Line = readonly Span[];

const codes: Readonly<Record<Tone, string>> = {
  plain: "",
  good: "32",
  bad: "31",
  warn: "33",
  dim: "2",
  strong: "1",
  accent: "36",
};

/** A line cut to `width` columns, with escape codes only where colours are wanted. */
export function paint(line: Line, width: number, hasColor: boolean): string {
  let left = width;
  let painted = "";
  for (const span of line) {
    const [text, tone] = typeof span === "string" ? [span, "plain" as const] : span;
    const cut = cutTo(text, left);
    left -= cut.length;
    painted += hasColor && codes[tone] !== "" && cut !== "" ? `\u001b[${codes[tone]}m${cut}\u001b[0m` : cut;
    if (left <= 0) break;
  }
  return painted;
}

/** Text of at most `width` columns, an ellipsis at the end where it was cut; control characters become spaces. */
export function cutTo(text: string, width: number): string {
  const clean = text.replace(/\p{Cc}/gu, " ");
  if (clean.length <= width) return clean;
  return width <= 0 ? "" : `${clean.slice(0, width - 1)}~`;
}

/** Words in lines of at most `width` columns; at most `most` lines, the last one cut. */
export function wrap(text: string, width: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else if (lines.length < most) lines.push(word);
    else lines[lines.length - 1] = cutTo(`${last} ${word}${" ".repeat(width)}`, width);
  }
  return lines.map((line) => cutTo(line.trimEnd(), width));
}
