import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, oneFailed, onePassed, root, runNode, timed } from "./step.ts";

/** Programs for people that end by themselves when asked to; each counts as one test. */
const shows = [{ name: "demo", script: "test/demo/main.ts", args: ["--once"], mostSeconds: 120 }] as const;

/** Runs the demo to its end: it must heal its node by itself, in time. */
export async function runShows(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const show of shows) {
    if (existsSync(join(root, show.script))) outcomes.push(await timed(show.name, () => runShow(show)));
  }
  return outcomes;
}

async function runShow({ name, script, args, mostSeconds }: (typeof shows)[number]) {
  process.stdout.write(`\n${name}: ${script} ${args.join(" ")}\n`);
  const begun = performance.now();
  const { code, output } = await runNode([script, ...args], { quiet: true });
  const seconds = (performance.now() - begun) / 1_000;
  const last = output
    .trimEnd()
    .split("\n")
    .slice(code === 0 ? -3 : -60);
  process.stdout.write(`${last.join("\n")}\n`);
  if (code !== 0) return { ...oneFailed, note: `exit code ${code}` };
  return seconds <= mostSeconds ? onePassed : { ...oneFailed, note: `took longer than ${mostSeconds} s` };
}
