import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, oneFailed, onePassed, root, runNode, timed } from "./step.ts";

interface Show {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Undefined: however long it takes. */
  readonly mostSeconds?: number;
  /** How much of what it printed is shown; all of it where nothing is said. */
  readonly lastLines?: number;
}

const demo = "test/demo/main.ts";

/** Programs for people that end by themselves when asked to; each counts as one test. */
const shows: readonly Show[] = [
  { name: "demo", script: demo, args: ["--once"], mostSeconds: 120, lastLines: 3 },
  { name: "demo openstack", script: demo, args: ["--once", "--provider", "openstack"], mostSeconds: 120, lastLines: 3 },
  // its figures are for reading: only a benchmark that breaks off is a failure
  { name: "benchmarks", script: "test/bench/main.ts", args: ["--short"] },
];

/**
 * Runs each to its end: the demos must heal their node by themselves, in time; the benchmarks must not break off. The
 * demos wait most of their time, so they wait together; the benchmarks have the machine for themselves.
 */
export async function runShows(): Promise<Outcome[]> {
  const present = shows.filter(({ script }) => existsSync(join(root, script)));
  const run = (show: Show) => timed(show.name, () => runShow(show));
  const demos = await Promise.all(present.filter(({ script }) => script === demo).map(run));
  const others: Outcome[] = [];
  for (const show of present.filter(({ script }) => script !== demo)) others.push(await run(show));
  return [...demos, ...others];
}

async function runShow({ name, script, args, mostSeconds = Number.POSITIVE_INFINITY, lastLines = 200 }: Show) {
  const begun = performance.now();
  const { code, output } = await runNode([script, ...args], { quiet: true });
  const seconds = (performance.now() - begun) / 1_000;
  const last = output
    .trimEnd()
    .split("\n")
    .slice(code === 0 ? -lastLines : -60);
  process.stdout.write(`\n${name}: ${script} ${args.join(" ")}\n${last.join("\n")}\n`);
  if (code !== 0) return { ...oneFailed, note: `exit code ${code}` };
  return seconds <= mostSeconds ? onePassed : { ...oneFailed, note: `took longer than ${mostSeconds} s` };
}
