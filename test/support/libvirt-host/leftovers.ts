import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning, killGroup } from "../processes.ts";

/**
 * Ends daemons whose test process was killed before it could stop them. Only one that is still what was written down
 * is touched: same number, same program, this folder in its arguments. Its guests live on, for the next daemon to end.
 */
export async function endLeftoverDaemons(folder: string): Promise<void> {
  for (const name of ["libvirtd", "virtlogd"]) {
    const pid = Number((await readFile(join(folder, `${name}.pid`), "utf8").catch(() => "")).trim());
    if (!Number.isInteger(pid) || pid < 2 || !isRunning(pid)) continue;
    const [program, ...words] = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (program === name && words.some((word) => word.startsWith(`${folder}/`))) await killGroup(pid);
  }
}
