import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readlinkSync } from "node:fs";
import { systemClock } from "../../src/app/clock.ts";

/** A child in its own process group, ended with this process at the latest. */
export interface Owned {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string | undefined;
  /** Resolves when it has ended. */
  readonly exited: Promise<Exit>;
  isAlive(): boolean;
  /** Sends to the whole group; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL to the group, then waits until it is gone. */
  kill(): Promise<void>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where its output goes; without it the caller reads the pipes. */
  readonly logFile?: string;
}

const running = new Set<Owned>();
let isGuarded = false;

/** Starts a child. @throws Error when the program cannot be started */
export async function startOwned(options: SpawnOptions): Promise<{ owned: Owned; child: ChildProcess }> {
  endChildrenWithUs();
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, "a");
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: log === undefined ? ["pipe", "pipe", "pipe"] : ["ignore", log, log],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  if (log !== undefined) closeSync(log);
  const exited = new Promise<Exit>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  const owned = toOwned(options, child, exited);
  running.add(owned);
  void exited.then(() => running.delete(owned));
  return { owned, child };
}

/** Whether a process runs; one that has ended but was not yet collected by its parent (a zombie) does not. */
export function isRunning(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== "";
  } catch {
    return false;
  }
}

/** Ends a process group and waits until its leader is gone. */
export async function killGroup(pid: number): Promise<void> {
  signalGroup(pid, "SIGKILL");
  for (let tries = 0; tries < 500 && isRunning(pid); tries += 1) await systemClock.sleep(10);
  if (isRunning(pid)) throw new Error(`process ${pid} is still there 5 s after SIGKILL`);
}

function toOwned(options: SpawnOptions, child: ChildProcess, exited: Promise<Exit>): Owned {
  // known after the event `spawn`
  const pid = child.pid as number;
  let hasExited = false;
  void exited.then(() => {
    hasExited = true;
  });
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    exited,
    isAlive: () => !hasExited && isRunning(pid),
    signal: (signal) => {
      if (!hasExited) signalGroup(pid, signal);
    },
    async kill() {
      if (hasExited) return;
      await killGroup(pid);
      await exited;
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended in the meantime
  }
}

function endChildrenWithUs(): void {
  if (isGuarded) return;
  isGuarded = true;
  const end = () => {
    for (const owned of running) signalGroup(owned.pid, "SIGKILL");
  };
  process.once("exit", end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      // a program that handles the signal itself ends its children in its own way, or at its exit
      if (process.listenerCount(signal) > 0) return;
      end();
      process.kill(process.pid, signal);
    });
  }
  process.once("disconnect", end);
}
