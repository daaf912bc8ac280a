// Runner behind `npm test` and its parts. Every step runs, even when an earlier one failed.
//   npm test [-- FILTER…]      everything whose means are there
//   npm run check | unit | component | e2e | e2e:full [-- FILTER… or options of vitest]
import { runShows } from "./runner/shows.ts";
import { runStaticChecks } from "./runner/static-checks.ts";
import { type Outcome, timed } from "./runner/step.ts";
import { fullRun, prepareSuites, runSuites } from "./runner/suites.ts";
import { summary, total } from "./runner/summary.ts";
import { counted, runProject } from "./runner/vitest.ts";

const modes = ["check", "unit", "component", "e2e", "e2e:full"] as const;
type Mode = (typeof modes)[number] | "all";

async function main(mode: Mode, args: readonly string[]): Promise<number> {
  const outcomes: Outcome[] = [];
  const project = (name: string, filter: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    timed(name, async () => counted(await runProject(name, filter, env)));
  switch (mode) {
    case "check":
      outcomes.push(...(await runStaticChecks()));
      outcomes.push(await project("unit", ["test/unit/architecture.test.ts"]));
      break;
    case "unit":
      outcomes.push(await project("unit", args));
      break;
    case "component":
      outcomes.push(await project("component", args));
      break;
    case "e2e":
      outcomes.push(...(await runSuites(args, { isFull: false })));
      break;
    case "e2e:full":
      outcomes.push(await project("component", args, fullRun));
      outcomes.push(...(await runSuites(args, { isFull: true })));
      break;
    case "all": {
      const prepared = prepareSuites();
      outcomes.push(...(await runStaticChecks()));
      outcomes.push(await project("unit", args));
      outcomes.push(await project("component", args));
      await prepared;
      outcomes.push(...(await runSuites(args, { isFull: false })));
      if (args.length === 0) outcomes.push(...(await runShows()));
    }
  }
  process.stdout.write(`\n${summary(outcomes)}\n`);
  return total(outcomes).failed === 0 ? 0 : 1;
}

const [first, ...rest] = process.argv.slice(2);
const mode = modes.find((name) => name === first);
// Ctrl-C reaches the children by itself; this process stays to print what was counted.
process.on("SIGINT", () => {});
process.exitCode = await (mode === undefined
  ? main("all", first === undefined ? [] : [first, ...rest])
  : main(mode, rest));
