import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";

const root = join(import.meta.dirname, "../../..");

interface Run extends AsyncDisposable {
  /** What it printed so far. */
  output(): string;
  interrupt(): void;
  readonly exitCode: Promise<number | null>;
  /** Command lines of processes that know its folder, itself included. */
  processes(): Promise<string[]>;
  files(): Promise<string[]>;
}

/** The demo as people without a terminal start it, with temporary files in a folder of its own. */
async function runDemo(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-demo-test-"));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "test/demo/main.ts", "--once", ...args],
    { cwd: root, env: { ...process.env, ...env, TMPDIR: folder }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const exitCode = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    output: () => output,
    interrupt: () => child.kill("SIGINT"),
    exitCode,
    processes: () => commandLinesWith(folder),
    files: () => readdir(folder),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exitCode;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function commandLinesWith(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text));
}

test("a node that is not healed within the limit is exit code 1, with the reason", async () => {
  await using demo = await runDemo(["--within", "2"]);
  expect(await demo.exitCode, demo.output()).toBe(1);
  expect(demo.output()).toMatch(/not healed: not within 2 s: \w.*; wall time [\d.]+ s\n$/);
}, 60_000);

test("a provider that the demo does not have is a usage error", async () => {
  await using demo = await runDemo(["--provider", "nova"]);
  expect(await demo.exitCode, demo.output()).toBe(2);
  expect(demo.output()).toMatch(/^demo: --provider nova: expected exec or openstack\nnpm run demo/);
}, 60_000);

test("a replica that cannot start ends the demo with its last words", async () => {
  await using demo = await runDemo([], { ACESO_SILENCE: "soon" });
  expect(await demo.exitCode, demo.output()).toBe(1);
  expect(demo.output()).toMatch(
    /demo: aceso-\d ended by itself \(2\); its last words:\nerror: environment ACESO_SILENCE/,
  );
  expect([await demo.processes(), await demo.files()]).toEqual([[], []]);
}, 60_000);

test.each(["exec", "openstack"])(
  "an interrupted demo with %s leaves neither processes nor files",
  async (provider) => {
    await using demo = await runDemo(["--provider", provider]);
    await eventually("a replica leads", () => /aceso-\d +leads/.test(demo.output()));
    expect((await demo.processes()).length).toBe(2);
    demo.interrupt();
    demo.interrupt();
    expect(await demo.exitCode, demo.output()).toBe(130);
    expect(demo.output()).toContain("stopped by SIGINT");
    expect([await demo.processes(), await demo.files()]).toEqual([[], []]);
  },
  60_000,
);
