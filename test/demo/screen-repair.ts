import { stages } from "./estimate.ts";
import { type Line, type Span, wrap } from "./paint.ts";
import type { Picture, Progress, RepairPicture } from "./picture.ts";
import { stateText } from "./plain.ts";

const labelWidth = 10;
/** Lines of this part, always, so that nothing jumps. */
const lowHeight = 9;
const tallHeight = 12;

/** The node in focus: how far it is, by which phases, with which ladder and evidence, and why. */
export function repairLines(picture: Picture, columns: number, isTall: boolean): Line[] {
  const lines = linesOf(picture, columns, isTall ? 3 : 2);
  const height = isTall ? tallHeight : lowHeight;
  return [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, (): Line => [])].slice(0, height);
}

function linesOf(picture: Picture, columns: number, most: number): Line[] {
  const { focus, progress, repair, explanation, others } = picture;
  if (focus === undefined || progress === undefined) return [[["All is well. Nothing to repair.", "good"]]];
  const state = progress.isOver
    ? `back in service after ${seconds(progress.passedMs)}`
    : stateText(repair, explanation);
  const tone = progress.isOver ? "good" : state === "Held" ? "warn" : "accent";
  return [
    [[focus, "strong"], "  ", [state, tone], ...rungOf(repair)],
    progressLine(progress, columns),
    phaseLine(repair),
    evidenceLine(repair),
    ...texts("why", explanation?.sentence ?? "", columns, most),
    ...texts("next", nextText(picture), columns, most),
    ...(others.length > 0 ? texts("others", others.join("; "), columns, most - 1) : []),
  ];
}

function rungOf(repair: RepairPicture | undefined): Span[] {
  if (repair === undefined) return [];
  const ladder = repair.ladder.map((rung) => (rung === repair.rung ? `[${rung}]` : rung)).join(" > ");
  return [["  ladder ", "dim"], ladder, ["  attempt ", "dim"], String(repair.attempt)];
}

/** `[#####.....] 47 %  21 s, about 18 s left` */
export function progressLine({ passedMs, remainingMs, isOver }: Progress, columns: number): Line {
  const share = isOver ? 1 : remainingMs === undefined ? undefined : passedMs / (passedMs + remainingMs);
  const room = Math.max(10, Math.min(columns - 36, 60));
  const filled = Math.round((share ?? 0) * room);
  const bar = share === undefined ? "-".repeat(room) : "#".repeat(filled) + ".".repeat(room - filled);
  const told = isOver
    ? `done in ${seconds(passedMs)}`
    : remainingMs === undefined
      ? `${seconds(passedMs)}, waits`
      : `${seconds(passedMs)}, about ${seconds(remainingMs)} left`;
  const percent = share === undefined ? "  - %" : `${String(Math.round(share * 100)).padStart(3)} %`;
  return ["[", [bar, isOver ? "good" : "accent"], `] ${percent}  ${told}`];
}

/** Those before the present one, which has a `>`, are over. */
function phaseLine(repair: RepairPicture | undefined): Line {
  if (repair === undefined) return [];
  const passed = new Map(repair.passed.map(({ phase, ms }) => [phase, ms]));
  return stages.slice(1).flatMap((phase): Span[] => {
    const ms = passed.get(phase);
    const time: Span[] = [[timeOf(ms), "dim"], " "];
    if (phase === repair.phase) return [[`>${phase}`, "accent"], ...time];
    return [[phase, ms === undefined ? "dim" : "good"], ...time];
  });
}

function evidenceLine(repair: RepairPicture | undefined): Line {
  const last = repair?.evidence.at(-1);
  if (repair === undefined || last === undefined) return [];
  const at = new Date(last.atWallMs).toISOString().slice(11, 19);
  const told = `${last.source} says of ${last.machine}: ${last.text}, at ${at}`;
  return [label("evidence"), `${told} (${repair.evidence.length} reads)`];
}

function nextText({ explanation, isPaused, repair }: Picture): string {
  if (explanation === undefined) return isPaused ? "Paused." : "";
  const { what, afterMs } = explanation.next;
  // of a phase it says when its time is over, which is not when it ends
  return afterMs === undefined || repair !== undefined ? what : `${what} (in ${seconds(afterMs)})`;
}

function texts(name: string, text: string, columns: number, most: number): Line[] {
  if (text === "") return [];
  return wrap(text, columns - labelWidth, most).map((line, at): Line => [label(at === 0 ? name : ""), line]);
}

function label(name: string): Span {
  return [name.padEnd(labelWidth), "dim"];
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}

/** Nothing for less than half a second: the line must fit. */
function timeOf(ms = 0): string {
  return ms < 500 ? "" : ` ${Math.round(ms / 1_000)}s`;
}
