import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "../runner/step.ts";

const root = join(import.meta.dirname, "../..");

/** The program as the image has it. */
export interface Bundle extends AsyncDisposable {
  /** Node with the flags of the image's entry point, and the bundle. */
  readonly command: readonly string[];
}

/** Builds the bundle and takes a copy, so that another build meanwhile changes nothing under a running process. */
export async function makeBundle(): Promise<Bundle> {
  const { code, output } = await runNode(["build.ts"], { quiet: true });
  if (code !== 0) throw new Error(`build.ts exited with ${code}: ${output}`);
  const dir = await mkdtemp(join(tmpdir(), "aceso-bench-"));
  await cp(join(root, "dist"), dir, { recursive: true, filter: (file) => !file.endsWith(".map") });
  return {
    command: [process.execPath, ...(await entryFlags()), join(dir, "main.js")],
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** The flags between Node and the program in the Dockerfile's entry point. */
export async function entryFlags(): Promise<readonly string[]> {
  const text = await readFile(join(root, "Dockerfile"), "utf8");
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1];
  if (entry === undefined) throw new Error("the Dockerfile has no ENTRYPOINT in JSON form");
  return (JSON.parse(entry) as string[]).filter((word) => word.startsWith("--"));
}
