import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { sweepLeftovers } from "../../support/control-plane/leftovers.ts";
import { isRunning, killGroup } from "../../support/processes.ts";

const started: number[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const pid of started.splice(0)) await killGroup(pid);
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true, force: true });
});

/** A process in a group of its own that waits until somebody ends it. */
async function waiting(cwd: string): Promise<number> {
  const child = spawn("sleep", ["600"], { cwd, detached: true, stdio: "ignore" });
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  const pid = child.pid as number;
  started.push(pid);
  return pid;
}

/** A folder of services as a test process leaves it. */
async function leave(owner: number): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "aceso-e2e-"));
  folders.push(dir);
  await mkdir(join(dir, "run"));
  await mkdir(join(dir, "database"));
  await writeFile(join(dir, "run", "owner"), `${owner}\n`);
  return dir;
}

const record = (dir: string, name: string, pid: number) => writeFile(join(dir, "run", name), `${pid}\n`);

async function endedPid(): Promise<number> {
  const child = spawn("true", { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid as number;
}

test("what a killed test process left behind is ended, in its folder and below, and the folder goes", async () => {
  const dir = await leave(await endedPid());
  const pids = [await waiting(dir), await waiting(join(dir, "database"))];
  for (const [index, pid] of pids.entries()) await record(dir, `service-${index}`, pid);
  await sweepLeftovers();
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(dir)).toBe(false);
});

test("a process that works elsewhere is somebody else's, whatever was written down", async () => {
  const dir = await leave(await endedPid());
  const stranger = await waiting(tmpdir());
  await record(dir, "service", stranger);
  await sweepLeftovers();
  expect(isRunning(stranger)).toBe(true);
});

test("nothing of a test process that runs is touched", async () => {
  const dir = await leave(process.pid);
  const pid = await waiting(dir);
  await record(dir, "service", pid);
  await sweepLeftovers();
  expect(isRunning(pid)).toBe(true);
  expect(existsSync(dir)).toBe(true);
});
