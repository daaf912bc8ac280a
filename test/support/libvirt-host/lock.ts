import { readFile, rm, writeFile } from "node:fs/promises";
import { eventually } from "../eventually.ts";
import { isRunning } from "../processes.ts";

/** Waits until no other process holds the lock, and takes it. One that died with it holds it no more. */
export async function takeLock(file: string): Promise<AsyncDisposable> {
  await eventually(
    `the lock ${file}`,
    async () => {
      const owner = Number(await readFile(file, "utf8").catch(() => "0"));
      if (owner > 0 && !isRunning(owner)) await rm(file, { force: true });
      return await writeFile(file, String(process.pid), { flag: "wx" }).then(
        () => true,
        () => false,
      );
    },
    { withinMs: 240_000, everyMs: 200 },
  );
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}
