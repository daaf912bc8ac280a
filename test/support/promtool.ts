import { execFile, spawn } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "./lock.ts";

const run = promisify(execFile);
const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "aceso", "promtool");
const program = join(folder, "promtool");

/** What promtool answered. */
export interface Judgement {
  readonly code: number;
  /** Both outputs, as they came. */
  readonly said: string;
}

/** Why promtool cannot be had here; undefined: it is there. */
export function whyNoPromtool(): Promise<string | undefined> {
  return findPromtool().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** Runs Prometheus' promtool. @param input for its standard input */
export async function promtool(args: readonly string[], input = ""): Promise<Judgement> {
  const path = await findPromtool();
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, said }));
    child.stdin.end(input);
  });
}

/** The one on the PATH, else the one of Debian's package, of which nothing is installed and nothing starts. */
async function findPromtool(): Promise<string> {
  const onPath = (process.env.PATH ?? "").split(":").map((each) => join(each, "promtool"));
  for (const path of [...onPath, program]) if (await exists(path)) return path;
  await mkdir(folder, { recursive: true });
  const words = { say: (line: string) => process.stderr.write(`${line}\n`), what: "another process unpacks promtool" };
  await withLock(join(folder, "lock"), words, async () => {
    if (!(await exists(program))) await unpack();
  });
  return program;
}

/** @throws Error where apt-get does not have the package */
async function unpack(): Promise<void> {
  const work = await mkdtemp(join(folder, "unpack-"));
  try {
    await download(work).catch(async () => {
      await run("apt-get", ["update", "-qq"]);
      await download(work);
    });
    const [archive] = (await readdir(work)).filter((name) => name.endsWith(".deb"));
    await run("sh", ["-c", `dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" ./usr/bin/promtool`, `${archive}`, work], {
      cwd: work,
    });
    await rename(join(work, "usr/bin/promtool"), program);
  } catch (error) {
    throw new Error("promtool is needed: install Debian's package prometheus, or put promtool on the PATH", {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(cwd: string): Promise<void> {
  await run("apt-get", ["download", "-qq", "prometheus"], { cwd });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
