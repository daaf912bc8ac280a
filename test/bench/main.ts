// Prints tables of what Aceso costs and how fast it is, each beside a baseline.
//   npm run bench [-- NAME…] [--short] [--nodes=5000]
//     --short   one repetition of small variants
//     --nodes   sizes of cluster for `idle`, `page` and the storm of `decide`, as 100,5000
import { loadavg } from "node:os";
import { performance } from "node:perf_hooks";
import { inspect, parseArgs } from "node:util";
import { table } from "../../src/cli/table.ts";
import { mayHaveControlPlane } from "../support/control-plane/build.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { type Bundle, makeBundle } from "./bundle.ts";
import { decideBenchmark } from "./decide.ts";
import { failoverBenchmark } from "./failover.ts";
import { idleBenchmark } from "./idle.ts";
import { libvirtBenchmark } from "./libvirt.ts";
import { openStackBenchmark } from "./openstack.ts";
import { pageBenchmark } from "./page.ts";
import { reactionBenchmark } from "./reaction.ts";
import { releaseBenchmark } from "./release.ts";

const benchmarks: readonly Benchmark[] = [
  decideBenchmark,
  reactionBenchmark,
  releaseBenchmark,
  failoverBenchmark,
  openStackBenchmark,
  pageBenchmark,
  libvirtBenchmark,
  idleBenchmark,
];

const say = (line: string) => process.stderr.write(`  ${line}\n`);

function print({ title, columns, rows, notes = [] }: Table): void {
  const lines = [`\n${title}`, table(columns, rows).trimEnd(), ...notes.map((note) => `* ${note}`)];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
}

/** Runs one and prints its tables. @returns whether it came to its end */
async function measure({ name, summary, run }: Benchmark, options: BenchOptions): Promise<boolean> {
  say(`${name} begins`);
  const begun = performance.now();
  const before = load();
  const heading = `\n── ${name}: ${summary}\n`;
  try {
    const tables = await run(options);
    const took = ((performance.now() - begun) / 1_000).toFixed(0);
    process.stdout.write(heading);
    for (const each of tables) print(each);
    process.stdout.write(`(${took} s; load of the machine before ${before}, after ${load()})\n`);
    return true;
  } catch (error) {
    process.stdout.write(`${heading}✗ broke off: ${error instanceof Error ? error.stack : inspect(error)}\n`);
    return false;
  }
}

/** One after the other. @returns how many broke off */
async function measureAll(chosen: readonly Benchmark[], options: BenchOptions): Promise<number> {
  let broken = 0;
  for (const each of chosen) if (!(await measure(each, options))) broken += 1;
  return broken;
}

const controlPlane = "needs a Kubernetes control plane, which a Go toolchain builds once";

/** Those asked for whose means are there; says which are not. */
async function choose(names: readonly string[]): Promise<readonly Benchmark[]> {
  const hasControlPlane = await mayHaveControlPlane();
  const chosen: Benchmark[] = [];
  for (const each of benchmarks.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const missing = each.needsControlPlane && !hasControlPlane ? controlPlane : await each.missing?.();
    if (missing === undefined) chosen.push(each);
    else process.stdout.write(`\n── ${each.name} SKIPPED: ${missing}\n`);
  }
  return chosen;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { short: { type: "boolean" }, nodes: { type: "string" } },
    allowPositionals: true,
  });
  const nodes = values.nodes?.split(",").map(Number).filter(Number.isInteger);
  const unknown = positionals.filter((name) => !benchmarks.some((it) => it.name === name));
  if (unknown.length > 0) {
    const list = benchmarks.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join("\n");
    process.stderr.write(`no benchmark ${unknown.join(", ")}; there are\n${list}\n`);
    return 2;
  }
  const isShort = values.short === true;
  let bundle: Promise<Bundle> | undefined;
  const program = async () => {
    bundle ??= makeBundle();
    return (await bundle).command;
  };
  const options = { isShort, nodes, say, program };
  const chosen = await choose(positionals);
  try {
    const isPatient = (it: Benchmark) => isShort && it === releaseBenchmark;
    const groups = [chosen.filter(isPatient), chosen.filter((it) => !isPatient(it))];
    const broken = await Promise.all(groups.map((group) => measureAll(group, options)));
    return broken.every((count) => count === 0) ? 0 : 1;
  } finally {
    await (await bundle)?.[Symbol.asyncDispose]();
  }
}

// hollow machines may have timers that run for an hour
process.exit(await main());
