import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startOwned } from "../support/processes.ts";
import type { Table } from "./benchmark.ts";
import { entryFlags } from "./bundle.ts";
import { mebibytes, median, ratio, spread } from "./figures.ts";
import type { Reading } from "./libvirt-reader.ts";
import { readUsage } from "./usage.ts";

const run = promisify(execFile);
const uri = "qemu:///system";
const reads = 1_000;
const processes = 10;

/** Reads of a guest's state, its UUID looked up each time. @param rounds of every way, one after the other */
export async function clientTable(uuid: string, rounds: number): Promise<Table> {
  await using reader = await bundleReader();
  const ours: Reading[] = [];
  const bare: number[] = [];
  const virsh: { perProcessMs: number; inShellMs: number; residentBytes: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await readInProcess([reader.script, uri, uuid, String(reads)]));
    bare.push((await readInProcess([reader.script, "bare"])).residentBytes);
    virsh.push(await readThroughVirsh(uuid));
  }
  const perSecond = (count: number, ms: readonly number[]) => ms.map((each) => (count / each) * 1_000);
  const ourMemory = ours.map(({ residentBytes }) => residentBytes);
  const virshMemory = virsh.map(({ residentBytes }) => residentBytes);
  const baseline = perSecond(
    processes,
    virsh.map((it) => it.perProcessMs),
  );
  const row = (way: string, rates: readonly number[], memory: readonly number[], more: string) => [
    way,
    spread(rates, (value) => value.toFixed(0)),
    ratio(median(rates) / median(baseline)),
    spread(memory, mebibytes),
    more,
  ];
  const of = (pick: (it: Reading) => number, count = reads) => perSecond(count, ours.map(pick));
  const added = ours.map((it) => Math.max(0, it.residentBytes - it.loadedBytes));
  const addition = `${mebibytes(median(added))} of it by connecting and reading`;
  const shell = perSecond(
    reads,
    virsh.map((it) => it.inShellMs),
  );
  return {
    title: `Reads of one guest's state, medians of ${rounds} (range)`,
    columns: ["way", "reads a second", "times the first", "memory of the process", ""],
    rows: [
      row("virsh, a process a read", baseline, virshMemory, "for each read at once"),
      row("virsh, all in one shell", shell, virshMemory, "no error numbers, no events"),
      row(
        "our client, one by one",
        of((it) => it.oneByOneMs),
        ourMemory,
        addition,
      ),
      row(
        "our client, five at once",
        of((it) => it.fiveAtOnceMs),
        ourMemory,
        addition,
      ),
      row(
        "our client, a connection a read",
        of((it) => it.connectingMs, reads / 10),
        ourMemory,
        addition,
      ),
    ],
    notes: [
      "A read looks up the UUID and asks for the state, over the unix socket of one libvirtd.",
      `Memory is resident memory after the reads; Node alone has ${mebibytes(median(bare))}, and ours lies in Aceso's one process.`,
    ],
  };
}

/** In one file of JavaScript, as in the image: Node needs memory to make that of the sources. */
async function bundleReader(): Promise<AsyncDisposable & { readonly script: string }> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-bench-"));
  const script = join(folder, "libvirt-reader.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "libvirt-reader.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // what only ssh needs stays unloaded, and need not be found
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    external: ["ssh2"],
  });
  return { script, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function readInProcess(args: readonly string[]): Promise<Reading> {
  const { stdout } = await run(process.execPath, [...(await entryFlags()), ...args], { timeout: 60_000 });
  return JSON.parse(stdout) as Reading;
}

async function readThroughVirsh(uuid: string) {
  const env = { ...process.env, LC_ALL: "C" };
  let begun = performance.now();
  for (let done = 0; done < processes; done += 1) {
    await run("virsh", ["-q", "-c", uri, "domstate", uuid], { env, timeout: 10_000 });
  }
  const perProcessMs = performance.now() - begun;
  const { owned, child } = await startOwned({ name: "virsh", command: "virsh", args: ["-q", "-c", uri], env });
  try {
    child.stdout?.setEncoding("utf8");
    const answered = (count: number) =>
      new Promise<void>((resolve, reject) => {
        let left = count;
        let rest = "";
        const onData = (chunk: string) => {
          const words = `${rest}${chunk}`.split("running");
          rest = words.at(-1)?.slice(-"running".length) ?? "";
          left -= words.length - 1;
          if (left > 0) return;
          child.stdout?.off("data", onData);
          resolve();
        };
        child.stdout?.on("data", onData);
        void owned.exited.then(() => reject(new Error("virsh has ended")));
        child.stdin?.write(`domstate ${uuid}\n`.repeat(count));
      });
    await answered(1);
    begun = performance.now();
    await answered(reads);
    const inShellMs = performance.now() - begun;
    return { perProcessMs, inShellMs, residentBytes: (await readUsage(owned.pid)).residentBytes };
  } finally {
    await owned.kill();
  }
}
