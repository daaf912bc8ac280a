import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isRunning, killGroup } from "../processes.ts";

/**
 * Ends daemons whose test process was killed before it could stop them. Only one that is still what was written down
 * is touched: same number, same program, this folder in its arguments. Its guests live on, for the next daemon to end.
 */
export async function endLeftoverDaemons(folder: string): Promise<void> {
  for (const pidFile of ["libvirtd.pid", "virtlogd.pid", "ssh/sshd.pid"]) {
    const pid = Number((await readFile(join(folder, pidFile), "utf8").catch(() => "")).trim());
    if (!Number.isInteger(pid) || pid < 2 || !isRunning(pid)) continue;
    // sshd writes its arguments anew, as one text
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split(/[\0 ]/);
    const isOurs = words.some((word) => word.startsWith(`${folder}/`));
    if (isOurs && words.some((word) => basename(word) === basename(pidFile, ".pid"))) await killGroup(pid);
  }
}
