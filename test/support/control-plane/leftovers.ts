import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning, killGroup } from "../processes.ts";

/**
 * Ends control planes and clouds whose test process was killed before it could stop them. Only processes that are still the ones
 * written down are touched: same number, working in that folder, owner gone.
 */
export async function sweepLeftovers(): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((each) => each.startsWith("aceso-e2e-"))) {
    const dir = join(tmpdir(), name);
    const owner = await readPid(join(dir, "run", "owner"));
    if (owner === undefined || isRunning(owner)) continue;
    // another user's, or just being swept by somebody else
    await endAll(dir).catch(() => {});
    await rm(dir, { recursive: true, force: true }).catch(() => {});
  }
}

async function endAll(dir: string): Promise<void> {
  for (const name of await readdir(join(dir, "run"))) {
    const pid = await readPid(join(dir, "run", name));
    if (name === "owner" || pid === undefined) continue;
    const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    // a database works in a folder of its own below
    if (workingFolder === dir || workingFolder.startsWith(`${dir}/`)) await killGroup(pid);
  }
}

async function readPid(file: string): Promise<number | undefined> {
  const pid = Number((await readFile(file, "utf8").catch(() => "")).trim());
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}
