import { spawn } from "node:child_process";
import { join } from "node:path";

/** What a step counted. A check without tests of its own counts as one. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const onePassed: Counts = { passed: 1, failed: 0, skipped: 0 };
export const oneFailed: Counts = { passed: 0, failed: 1, skipped: 0 };
export const oneSkipped: Counts = { passed: 0, failed: 0, skipped: 1 };

/** What a step has to say at its end. */
export interface Result extends Counts {
  /** Why it was skipped, or what else people should know. */
  readonly note?: string;
  /** What failed, a paragraph each, and what failed at first and not again. */
  readonly failures?: readonly string[];
}

/** A step that is over. */
export interface Outcome extends Result {
  readonly name: string;
  readonly seconds: number;
}

export const root = join(import.meta.dirname, "../..");

/** Half of what a process of ours that a test starts costs is its source being compiled anew each time. */
const compileCache = join(root, "node_modules/.cache/compiled");

/** Runs one step; a throw counts as one failure and ends nothing else. */
export async function timed(name: string, work: () => Promise<Result>): Promise<Outcome> {
  const begun = performance.now();
  const end = (result: Result): Outcome => ({ name, seconds: (performance.now() - begun) / 1_000, ...result });
  try {
    return end(await work());
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return end({ ...oneFailed, note: "broke off, see above" });
  }
}

export interface Exit {
  readonly code: number;
  /** What it printed; empty when it printed straight to the terminal. */
  readonly output: string;
}

/** Runs a script of node_modules with this Node. `quiet` keeps its output, so that steps side by side stay readable. */
export function runNode(
  args: readonly string[],
  options: { quiet?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<Exit> {
  return runCommand(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], options);
}

function runCommand(
  command: string,
  args: readonly string[],
  { quiet = false, env = {} }: { quiet?: boolean; env?: NodeJS.ProcessEnv },
): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    const stop = () => child.kill("SIGTERM");
    process.once("SIGTERM", stop);
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      process.removeListener("SIGTERM", stop);
      resolve({ code: code ?? 1, output });
    });
  });
}
