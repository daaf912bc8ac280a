import { diagnose } from "../doctor/diagnose.ts";
import { counted, type Diagnosis } from "../doctor/diagnosis.ts";
import type { DoctorFacts } from "../doctor/facts.ts";
import { type GiveBackStep, giveBack } from "../doctor/give-back.ts";
import type { CliPorts, ExamineRequest } from "./cli-ports.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { jsonText } from "./output.ts";
import { oneLine } from "./table.ts";

export type DoctorOutput = "text" | "json";

interface Manner {
  readonly output: DoctorOutput;
  /** Warnings fail, too. */
  readonly isStrict: boolean;
  readonly isUninstall: boolean;
}

/** `aceso doctor`. Exits with 1 when a line is an error. */
export async function doctorCommand(ports: CliPorts, request: ExamineRequest, manner: Manner): Promise<number> {
  const facts = await ports.examine(request);
  return manner.isUninstall ? uninstall(ports, facts, manner.output) : judge(ports, facts, manner);
}

function judge(ports: CliPorts, facts: DoctorFacts, { output, isStrict }: Manner): number {
  const diagnoses = diagnose(facts);
  const count = (level: Diagnosis["level"]) => diagnoses.filter((it) => it.level === level).length;
  const summary = { ok: count("ok"), warnings: count("warning"), errors: count("error") };
  ports.out(output === "json" ? jsonText({ summary, diagnoses }) : toText(diagnoses, summary));
  return summary.errors > 0 || (isStrict && summary.warnings > 0) ? exitCodes.failure : exitCodes.ok;
}

interface Summary {
  readonly ok: number;
  readonly warnings: number;
  readonly errors: number;
}

function toText(diagnoses: readonly Diagnosis[], { ok, warnings, errors }: Summary): string {
  const wide = Math.max(...diagnoses.map((it) => it.topic.length));
  const lines = diagnoses.flatMap((it) => {
    const head = `${it.level.padEnd(7)}  ${it.topic.padEnd(wide)}  `;
    const remedy = it.level === "ok" ? [] : [`${" ".repeat(head.length)}→ ${oneLine(it.remedy)}`];
    return [`${head}${oneLine(it.message)}`, ...remedy];
  });
  return `${lines.join("\n")}\n\n${ok} ok, ${counted(warnings, "warning")}, ${counted(errors, "error")}\n`;
}

function uninstall(ports: CliPorts, facts: DoctorFacts, output: DoctorOutput): number {
  const { cluster, config } = facts;
  if (config.isFile && config.read.kind === "unreadable") {
    throw new CommandError(`${config.source}: ${config.read.problem}`, exitCodes.usage);
  }
  if (cluster === undefined) {
    throw new CommandError("no API server answers, so what is held cannot be said", exitCodes.unavailable);
  }
  for (const it of [cluster.nodes, cluster.records]) {
    if (it.kind === "unreadable") {
      const message = `what is held cannot be said: ${it.problem}`;
      throw new CommandError(message, it.isForbidden ? exitCodes.denied : exitCodes.unavailable);
    }
  }
  const steps = giveBack(cluster, facts);
  ports.out(output === "json" ? jsonText({ steps }) : toScript(steps));
  return exitCodes.ok;
}

/** A script that runs what may be run now; the rest stands in it as comments. */
function toScript(steps: readonly GiveBackStep[]): string {
  if (steps.length === 0) return "# Aceso holds nothing in this cluster.\n";
  const head = [
    "#!/bin/sh",
    "# What Aceso holds in this cluster. Nothing was changed yet: read, then run line by line.",
    "set -eu",
  ];
  const parts = steps.map(({ what, onceThat, commands }) => [
    "",
    `# ${oneLine(what)}`,
    ...(onceThat === undefined ? commands : [`# Once ${oneLine(onceThat)}:`, ...commands.map((it) => `#   ${it}`)]),
  ]);
  return `${[...head, ...parts.flat()].join("\n")}\n`;
}
