import { open, readFile, readlink, rm } from "node:fs/promises";
import { systemClock } from "../../src/app/clock.ts";

export interface LockWords {
  readonly say: (line: string) => void;
  /** Said once to who has to wait, as `another process builds the control plane`. */
  readonly what: string;
}

/** One at a time, over processes; a lock whose owner is gone is taken over. */
export async function withLock<T>(file: string, words: LockWords, work: () => Promise<T>): Promise<T> {
  let isTold = false;
  while (!(await takeLock(file))) {
    if (!isTold) words.say(`${words.what}; waiting for it (${file})`);
    isTold = true;
    await systemClock.sleep(1_000);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function takeLock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(`${process.pid}\n`);
    await handle.close();
    return true;
  } catch {
    const owner = (await readFile(file, "utf8").catch(() => "")).trim();
    const isAlive = owner !== "" && (await readlink(`/proc/${owner}/exe`).catch(() => "")) !== "";
    // an empty file is one whose owner has not yet written its number
    if (owner !== "" && !isAlive) await rm(file, { force: true });
    return false;
  }
}
