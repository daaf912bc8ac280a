import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../../src/plugin-api/index.ts";
import { BoundedText } from "./bounded-text.ts";

export interface ProcessRequest {
  /** Program and its arguments; started without a shell. Arguments show in the process list: never put a secret here. */
  readonly command: readonly string[];
  /** Written to standard input, which is then closed. */
  readonly stdin?: string;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** From the start until the whole process group is killed. */
  readonly timeoutMs: number;
  /** Bound of standard output; what comes after it is read and dropped. Default 64 KiB. */
  readonly maxStdoutBytes?: number;
  /** Bound of standard error. Default 16 KiB. */
  readonly maxStderrBytes?: number;
}

/** How a child ended. After `timed-out`, `aborted` and `signalled` nobody knows what it had done by then. */
export type ProcessEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed-out" }
  | { readonly kind: "aborted" }
  /** It never ran. `isMissing`: no such program, or not executable. */
  | { readonly kind: "not-started"; readonly problem: string; readonly isMissing: boolean };

export interface ProcessResult {
  readonly end: ProcessEnd;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output was longer than its bound; `stdout` holds the beginning. */
  readonly isTruncated: boolean;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const defaultStdoutBytes = 65_536;
const defaultStderrBytes = 16_384;
/** How long pipes may stay open after the child ended, held by something that left its process group. */
const drainMs = 500;

/**
 * Runs a program in a process group of its own and waits for its end. At the deadline, or when the signal aborts, the
 * whole group gets SIGKILL; so does whatever is left of the group after the program ended by itself.
 * Variables of this process that begin with `ACESO_` are not inherited: they may carry credentials.
 *
 * Never throws: every way to end is a value.
 */
export async function runProcess(request: ProcessRequest, clock: Clock, signal: AbortSignal): Promise<ProcessResult> {
  if (signal.aborted) return ended({ kind: "not-started", problem: "called off before it began", isMissing: false });
  using deadline = clock.deadline(request.timeoutMs, signal);
  let child: Child;
  try {
    child = start(request);
  } catch (error) {
    return ended(notStarted(error));
  }
  const stdout = new BoundedText(request.maxStdoutBytes ?? defaultStdoutBytes);
  const stderr = new BoundedText(request.maxStderrBytes ?? defaultStderrBytes);
  child.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
  // A program that does not read its input closes the pipe: no failure of ours.
  child.stdin.on("error", () => {});
  child.stdin.end(request.stdin ?? "");

  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = await waitForEnd(child, deadline.signal, signal);
  killGroup(child);
  if (end.kind !== "not-started") await drained(child, closed, clock);
  return { end, stdout: stdout.text(), stderr: stderr.text(), isTruncated: stdout.isTruncated };
}

function start(request: ProcessRequest): Child {
  const [program = "", ...args] = request.command;
  return spawn(program, args, {
    detached: true,
    shell: false,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...inheritedEnvironment(), ...request.env },
  });
}

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ACESO_")));
}

function waitForEnd(child: Child, deadline: AbortSignal, parent: AbortSignal): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    const onAbort = () => resolve({ kind: parent.aborted ? "aborted" : "timed-out" });
    const finish = (end: ProcessEnd) => {
      deadline.removeEventListener("abort", onAbort);
      resolve(end);
    };
    child.once("error", (error) => {
      if (child.pid === undefined) finish(notStarted(error));
    });
    child.once("exit", (code, signal) =>
      finish(signal === null ? { kind: "exited", code: code ?? -1 } : { kind: "signalled", signal }),
    );
    if (deadline.aborted) onAbort();
    else deadline.addEventListener("abort", onAbort, { once: true });
  });
}

function killGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // ESRCH: nothing of the group is left, which is what was wanted.
  }
}

/** Waits for the rest of the output, then lets go of pipes that somebody else still holds. */
async function drained(child: Child, closed: Promise<void>, clock: Clock): Promise<void> {
  const over = new AbortController();
  const late = clock.sleep(drainMs, over.signal).catch(() => {});
  await Promise.race([closed, late]);
  over.abort();
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
}

function notStarted(error: unknown): ProcessEnd {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return {
    kind: "not-started",
    problem: code || String(error),
    isMissing: ["ENOENT", "EACCES", "ENOTDIR"].includes(code),
  };
}

function ended(end: ProcessEnd): ProcessResult {
  return { end, stdout: "", stderr: "", isTruncated: false };
}
