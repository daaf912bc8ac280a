import { exitCodeOf, exitCodes } from "../../src/cli/exit-codes.ts";
import { describeConfig } from "../../src/config/describe.ts";
import { type ErrorCode, errorCodes } from "../../src/core/error-codes.ts";
import { eventReasons } from "../../src/core/event-reasons.ts";
import { type HoldReason, holdReasons } from "../../src/core/hold.ts";
import { holdAdvice } from "../../src/core/hold-advice.ts";
import { phaseTexts } from "../../src/core/phase-texts.ts";
import { topicTexts } from "../../src/doctor/diagnosis.ts";
import { metrics } from "../../src/http/metric-list.ts";
import { alertRules } from "./alert-rules.ts";
import { registry } from "./config-loading.ts";
import { explainedBefore } from "./walkthrough.ts";

/** A part of a page that is printed from the sources. It stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export interface GeneratedPart {
  /** From the root of the project. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "Done.",
  failure: "It could not be done, or the answer is no.",
  usage: "Wrong use, or a configuration, kubeconfig or provider that cannot be used.",
  notFound: "The node, the repair, the DaemonSet or Aceso itself is not there.",
  denied: "The API server does not let you do it.",
  unavailable: "No API server could be asked; trying again may help.",
  interrupted: "Stopped by Ctrl-C.",
};

/** Every such part of every page. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: "docs/configuration.md", name: "keys", text: describeConfig(registry).trimEnd() },
  { file: "docs/operations.md", name: "holds", text: holdsTable() },
  { file: "docs/operations.md", name: "phases", text: phasesTable() },
  { file: "docs/operations.md", name: "events", text: eventsTable() },
  { file: "docs/operations.md", name: "errors", text: errorsTable() },
  { file: "docs/monitoring.md", name: "metrics", text: metricsTable() },
  { file: "docs/monitoring.md", name: "alerts", text: alertsTable() },
  { file: "docs/walkthrough.md", name: "explanation", text: explainedBefore() },
  { file: "docs/doctor.md", name: "topics", text: topicsTable() },
  { file: "README.md", name: "exit codes", text: exitCodesTable() },
];

/** What stands between the markers of a part, without the blank lines around it; undefined when they are missing. */
export function partOf(page: string, name: string): string | undefined {
  const [begin, end] = markersOf(name);
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from < 0 || to < from ? undefined : page.slice(from + begin.length, to).trim();
}

/** The page with one part made anew. @throws Error when the page has no such markers */
export function withPart(page: string, { name, text, file }: GeneratedPart): string {
  const [begin, end] = markersOf(name);
  if (partOf(page, name) === undefined) throw new Error(`${file} has no markers of ${name}`);
  return `${page.slice(0, page.indexOf(begin) + begin.length)}\n\n${text}\n\n${page.slice(page.indexOf(end))}`;
}

const markersOf = (name: string) => [`<!-- begin ${name} -->`, `<!-- end ${name} -->`] as const;

function holdsTable(): string {
  const rows = (Object.keys(holdReasons) as HoldReason[]).map((reason) => {
    const { next, wouldChange } = holdAdvice[reason];
    return [`\`${reason}\``, holdReasons[reason], next, listOf(wouldChange)];
  });
  return table(["reason", "what it means", "what happens by itself", "what would change it"], rows);
}

function phasesTable(): string {
  const rows = Object.entries(phaseTexts).map(([phase, { doing, next }]) => [
    `\`${phase}\``,
    `The node ${doing}.`,
    next,
  ]);
  return table(["phase", "what it means", "what comes next"], rows);
}

function eventsTable(): string {
  const rows = Object.entries(eventReasons).map(([reason, { type, meaning, todo }]) => [
    `\`${reason}\``,
    type,
    meaning,
    todo,
  ]);
  return table(["reason", "type", "what it means", "what to do"], rows);
}

function errorsTable(): string {
  const rows = (Object.keys(errorCodes) as ErrorCode[]).map((code) => {
    const { meaning, next, todo } = errorCodes[code];
    return [`\`${code}\``, meaning, next, todo, String(exitCodeOf(code) ?? "its own")];
  });
  return table(["code", "what it means", "what happens by itself", "what to do", "exit code"], rows);
}

function topicsTable(): string {
  const rows = Object.entries(topicTexts).map(([topic, text]) => [`\`${topic}\``, text]);
  return table(["topic", "what is looked at"], rows);
}

function metricsTable(): string {
  const rows = Object.entries(metrics).map(([name, { kind, help, labels }]) => [
    `\`${name}\``,
    kind,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  return table(["metric", "kind", "labels", "meaning"], rows);
}

function alertsTable(): string {
  const rows = alertRules.map(({ alert, annotations: { description = "", todo = "" } }) => [
    `\`${alert}\``,
    description,
    todo,
  ]);
  return table(["alert", "what it means", "what to do"], rows);
}

function exitCodesTable(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return table(
    ["exit code", "meaning"],
    names.map((name) => [String(exitCodes[name]), exitMeanings[name]]),
  );
}

function listOf(lines: readonly string[]): string {
  return lines.join("; ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
