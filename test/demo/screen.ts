import { shortenedTexts } from "./durations.ts";
import { cutTo, type Line, paint, type Span, wrap } from "./paint.ts";
import type { NewsLine, NodePicture, Picture } from "./picture.ts";
import { repairLines } from "./screen-repair.ts";

export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly hasColor: boolean;
  /** After `h`. */
  readonly isHangNext: boolean;
}

/** From this height on the shortened durations have room on the screen. */
const tallRows = 30;

/** The whole screen: exactly `rows` lines (what does not fit is cut), none wider than `columns`. Pure. */
export function renderScreen(picture: Picture, options: ScreenOptions): string[] {
  const { columns, rows, hasColor, isHangNext } = options;
  const isTall = rows >= tallRows;
  const widths = widthsFor(picture.nodes);
  const nodes = picture.nodes.map((node, index) => nodeLine(node, index, widths));
  const top = [head(picture), [], tableHead(widths), ...nodes, []];
  const middle = repairLines(picture, columns, isTall);
  const foot = [...(isTall ? [[], ...shortened(columns)] : []), keyLine(isHangNext)];
  const space = Math.max(0, rows - top.length - middle.length - foot.length);
  const body = [...top, ...middle, ...newsLines(picture.news, space)].slice(0, Math.max(0, rows - foot.length));
  return [...body, ...foot].slice(-rows).map((line) => paint(line, columns, hasColor));
}

function head({ elapsedMs, leader, replicas, isPaused, pageUrl }: Picture): Line {
  const told = replicas.flatMap(({ name, isAlive }): Span[] => {
    if (!isAlive) return ["  ", [`${name} is down`, "bad"]];
    return ["  ", name === leader ? [`${name} leads`, "good"] : `${name} follows`];
  });
  return [
    ["Aceso demo", "strong"],
    `  ${clockText(elapsedMs)}`,
    ...told,
    ...(isPaused ? ["  ", ["PAUSED", "warn"] as const] : []),
    ...(pageUrl === undefined ? [] : [`  page: ${pageUrl}`]),
  ];
}

/** Of the columns before the pods; that of the names is as wide as they need, for servers have long ones. */
function widthsFor(nodes: readonly NodePicture[]): readonly number[] {
  const longest = Math.max(0, ...nodes.map(({ name }) => name.length));
  return [3, Math.max(10, Math.min(longest, mostName) + 1), 9, 7, 9, 11];
}

const mostName = 30;

function tableHead(widths: readonly number[]): Line {
  const cells = columnsOf(["", "node", "ready", "lease", "machine", "marks", "pods"], widths);
  return [[cells.join(""), "dim"]];
}

function nodeLine(node: NodePicture, index: number, widths: readonly number[]): Line {
  const { name, ready, leaseAgeMs, machine, marks, pods, replica } = node;
  const age = leaseAgeMs === undefined ? "-" : `${Math.max(0, Math.round(leaseAgeMs / 1_000))} s`;
  const shown = [String(index + 1), cutTo(name, mostName), ready, age, machine, marks.map(shortMark).join("+") || "-"];
  const cells = columnsOf(shown, widths);
  const tones = [
    "dim",
    "plain",
    ready === "Ready" ? "good" : "bad",
    leaseAgeMs !== undefined && leaseAgeMs < 5_000 ? "plain" : "warn",
    machine === "on" ? "good" : machine === "off" || machine === "hung" ? "bad" : "warn",
    marks.length > 0 ? "warn" : "dim",
  ] as const;
  const running: Span[] = replica === undefined ? [] : [[replica, "accent"], " "];
  return [...cells.map((cell, at): Span => [cell, tones[at] ?? "plain"]), ...running, pods.join(" ")];
}

function shortMark(mark: NodePicture["marks"][number]): string {
  return mark === "cordon" ? "cordon" : "oos";
}

function columnsOf(cells: readonly string[], widths: readonly number[]): string[] {
  return cells.map((cell, at) => cell.padEnd(widths[at] ?? 0));
}

/** The newest lines that fit, oldest first, and empty ones so that the foot stays where it is. */
function newsLines(news: readonly NewsLine[], space: number): Line[] {
  const shown = space === 0 ? [] : news.slice(-space);
  const lines = shown.map(({ atWallMs, who, text, isWarning }): Line => {
    const tone = isWarning === true ? "warn" : who === "you" ? "accent" : "plain";
    return [
      [`${timeText(atWallMs)} ${who.padEnd(8)}`, "dim"],
      [` ${text}`, tone],
    ];
  });
  return [...lines, ...Array.from({ length: space - lines.length }, (): Line => [])];
}

function shortened(columns: number): Line[] {
  const text = `shortened (usual): ${shortenedTexts().join(", ")}`;
  return wrap(text, columns, 3).map((line): Line => [[line, "dim"]]);
}

function keyLine(isHangNext: boolean): Line {
  if (isHangNext) return [["h: which machine shall hang? 1-6, h again for none", "warn"]];
  return [["1-6 pull plug (off: switch on)  h hang  p pause/resume  l kill leader  q quit", "strong"]];
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function timeText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(11, 19);
}
