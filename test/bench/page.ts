import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { systemClock } from "../../src/app/clock.ts";
import { startChromium } from "../e2e/page/chromium.ts";
import { nodeDraft, nodeLeaseDraft } from "../sim/kube/fixtures.ts";
import { KubeSimulator } from "../sim/kube/simulator.ts";
import { startAceso } from "../support/aceso-process.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { mebibytes, milliseconds, seconds } from "./figures.ts";
import { lookInBrowser, type PageFigures } from "./page-browser.ts";
import { PageReaders } from "./page-readers.ts";
import { readUsage } from "./usage.ts";

const changesPerSecond = 50;
const tickMs = 100;
const renewEveryMs = 8_000;
const openPages = 10;
/** First lists, the young heap. */
const settledMs = 6_000;

async function run({ isShort, say, nodes, program }: BenchOptions): Promise<readonly Table[]> {
  const windowMs = isShort ? 5_000 : 15_000;
  const rows: string[][] = [];
  const browserRows: string[][] = [];
  for (const size of nodes ?? (isShort ? [500] : [5_000])) {
    say(`${size} nodes, ${changesPerSecond} changes a second, windows of ${windowMs / 1_000} s`);
    await using rig = await startRig(size, await program());
    const spend = async (name: string) => {
      const before = await readUsage(rig.pid);
      await sleep(windowMs);
      const after = await readUsage(rig.pid);
      const cpu = ((after.cpuSeconds - before.cpuSeconds) / windowMs) * 1e5;
      rows.push([String(size), name, `${cpu.toFixed(1)} %`, mebibytes(after.residentBytes)]);
    };
    await sleep(settledMs);
    await spend("no page");
    const readers = new PageReaders(rig.url, openPages);
    await sleep(2_000);
    const bytesBefore = readers.receivedBytes;
    await spend(`${openPages} pages`);
    const perPage = (readers.receivedBytes - bytesBefore) / openPages / (windowMs / 1_000);
    rows.at(-1)?.push(`${(perPage / 1_024).toFixed(0)} KiB/s`);
    await readers.close();
    await using browser = await ownBrowser();
    browserRows.push(browserRow(size, await lookInBrowser(browser.it, rig.url, windowMs)));
  }
  return [
    {
      title: "What open pages cost the leader (bundle, simulated API server)",
      columns: ["nodes", "open", "CPU of one core", "RSS", "sent to each page"],
      rows: rows.map((row) => [...row, ...Array.from({ length: 5 - row.length }, () => "–")]),
      notes: [`While ${changesPerSecond} conditions of nodes change a second: one node in 50 is ill at any time.`],
    },
    {
      title: "The page in headless Chromium",
      columns: [
        ...["nodes", "first paint", "ward drawn", "JS heap", "elements", "main thread busy", "longest task"],
        "wards drawn",
      ],
      rows: browserRows,
      notes: ["Heap after a forced collection at the end of the window; times since the navigation began."],
    },
  ];
}

function browserRow(size: number, figures: PageFigures): string[] {
  return [
    String(size),
    milliseconds(figures.firstPaintMs),
    milliseconds(figures.wardDrawnMs),
    mebibytes(figures.heapBytes),
    String(figures.elements),
    `${(figures.busyShare * 100).toFixed(1)} %`,
    figures.longestTaskMs === 0 ? "under 50 ms" : milliseconds(figures.longestTaskMs),
    `${figures.wards} in ${seconds(figures.windowMs)}`,
  ];
}

async function ownBrowser(): Promise<AsyncDisposable & { readonly it: Browser }> {
  const it = await startChromium();
  return { it, [Symbol.asyncDispose]: () => it.close() };
}

interface Rig extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** A leader of so many nodes that keep falling ill and well again; it only looks. */
async function startRig(size: number, command: readonly string[]): Promise<Rig> {
  const parts = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "aceso-bench-page-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const kube = new KubeSimulator({ clock: systemClock });
    await kube.start();
    parts.defer(() => kube.stop());
    const names = Array.from({ length: size }, (_, index) => `node-${String(index).padStart(5, "0")}`);
    const stopChanges = changeNodes(kube, names);
    parts.defer(stopChanges);
    kube.store.put("daemonsets", { metadata: { name: "aceso", namespace: "aceso" }, spec: {}, status: {} });
    const config = join(folder, "config.yaml");
    await writeFile(config, "dry-run: true\ncheck-delay-after-add: 0s\nhttp: {probes: 'off', pages: '127.0.0.1:0'}\n");
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, kube.kubeconfig("bench"), { mode: 0o600 });
    const where = [
      "--instance",
      "bench",
      "--node-name",
      names[0] ?? "",
      "--namespace",
      "aceso",
      "--daemonset",
      "aceso",
    ];
    const args = ["run", "--config", config, "--kubeconfig", kubeconfig, ...where];
    const replica = await startAceso({ name: "the replica", command, args });
    parts.defer(async () => void (await replica.stop(5_000)));
    const { fields } = await replica.line(/serves the status page/, { withinMs: 60_000 });
    await replica.line(/"leads"/, { withinMs: 60_000 });
    return {
      url: `http://127.0.0.1:${fields.port}/`,
      pid: replica.pid,
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** Registers them, renews their Leases, and lets one condition after the other change. @returns ends it */
function changeNodes({ store }: KubeSimulator, names: readonly string[]): () => void {
  const wallMs = Date.now();
  for (const name of names) store.put("nodes", nodeDraft(name, wallMs));
  const renew = () => {
    for (const name of names) store.put("leases", nodeLeaseDraft(name, Date.now()));
  };
  renew();
  const ill = Math.max(1, Math.floor(names.length / 50));
  let next = 0;
  const set = (index: number, status: string) => {
    const name = names[index % names.length] ?? "";
    const conditions = [{ type: "Ready", status, lastTransitionTime: new Date().toISOString() }];
    store.patch("nodes", name, { status: { conditions } });
  };
  const change = () => {
    // one falls ill, and the one that is ill longest is well again
    for (let done = 0; done < (changesPerSecond * tickMs) / 1_000; done += 2) {
      set(next, "False");
      set(next + names.length - ill, "True");
      next += 1;
    }
  };
  const timers = [setInterval(renew, renewEveryMs), setInterval(change, tickMs)];
  return () => timers.forEach(clearInterval);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const pageBenchmark: Benchmark = {
  name: "page",
  summary: "the status page of 5,000 nodes with 50 changes a second: paint and memory in a browser, cost at the server",
  needsControlPlane: false,
  run,
};
