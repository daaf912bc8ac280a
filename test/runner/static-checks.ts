import { type Outcome, oneFailed, onePassed, runNode, timed } from "./step.ts";

interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

// biome colours pipes, too, where FORCE_COLOR is set
const colors = process.stdout.isTTY ? ["--colors=force"] : ["--colors=off"];

const checks: readonly Check[] = [
  { name: "types", script: "node_modules/typescript/bin/tsc", args: ["-p", "."] },
  { name: "types of the page", script: "node_modules/typescript/bin/tsc", args: ["-p", "tsconfig.page.json"] },
  {
    name: "lint",
    script: "node_modules/@biomejs/biome/bin/biome",
    args: ["ci", "--error-on-warnings", ...colors, "."],
  },
  { name: "dead code", script: "node_modules/knip/bin/knip.js", args: ["--no-progress", "--no-config-hints"] },
  { name: "bundle", script: "build.ts", args: [] },
];

/** Types, lint, dead code and the bundle, side by side; each prints what it has to say when it is over. */
export function runStaticChecks(): Promise<Outcome[]> {
  return Promise.all(checks.map((check) => timed(check.name, () => runCheck(check))));
}

async function runCheck({ name, script, args }: Check) {
  const { code, output } = await runNode([script, ...args], { quiet: true });
  if (code !== 0) process.stdout.write(`\n✗ ${name} (exit code ${code})\n${output}`);
  return code === 0 ? onePassed : oneFailed;
}
