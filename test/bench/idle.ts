import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AcesoProcess, startAceso } from "../support/aceso-process.ts";
import { ApiClient } from "../support/api-client.ts";
import { type Installation, installManifest } from "../support/installed-manifest.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { mebibytes, median, ratio, seconds } from "./figures.ts";
import { keepNodes, postEveryMs } from "./many-nodes.ts";
import { readTraffic, readUsage, type Traffic, type Usage } from "./usage.ts";

const hourSeconds = 3_600;
/** First lists, the young heap. */
const settledMs = 15_000;
/** The controller manager writes to new Nodes, 20 a second; the cluster is at rest only when it is done. */
const mostRestlessMs = 240_000;
const calmLookMs = 5_000;
const sampleMs = 2_000;

/** What one process used in the window. */
interface Spent {
  readonly cpuPerHour: number;
  /** Median of the samples. */
  readonly residentBytes: number;
  readonly anonymousBytes: number;
  readonly peakBytes: number;
}

interface SpentByAceso extends Spent {
  /** From start to the window: lists and opening watches. */
  readonly before: Traffic;
  readonly perHour: Traffic;
}

interface Found {
  readonly leader: SpentByAceso;
  readonly follower: SpentByAceso;
  readonly controllerManager: Spent;
  readonly failures: number;
}

async function run({ isShort, say, nodes, program }: BenchOptions): Promise<readonly Table[]> {
  const command = await program();
  const windowMs = isShort ? 20_000 : 120_000;
  const sizes = nodes ?? (isShort ? [100] : [100, 1_000]);
  const rows: string[][] = [];
  const shares: string[] = [];
  let failures = 0;
  for (const size of sizes) {
    say(`${size} nodes, a window of ${windowMs / 1_000} s`);
    const found = await measure(size, windowMs, command);
    const alone = found.controllerManager;
    rows.push(
      acesoRow(size, "leader", found.leader, alone),
      acesoRow(size, "follower", found.follower, alone),
      row(size, "kube-controller-manager", alone, ["", "", ""], alone),
    );
    const each = [...found.leader.perHour.byResource].filter(([, bytes]) => bytes >= 2 ** 20);
    shares.push(`${size} nodes: ${each.map(([name, bytes]) => `${name} ${mebibytes(bytes)}`).join(", ")}`);
    failures += found.failures;
  }
  return [
    {
      title: `At rest, extrapolated from ${windowMs / 1_000} s once the new nodes are at rest`,
      columns: [
        ...["nodes", "process", "requests/h", "received/h", "at start", "CPU/h", "RSS", "anonymous", "peak"],
        ...["CPU / controller-manager's", "RSS / its"],
      ],
      rows,
      notes: [
        "Real API server; nodes of 12 KB renew a Lease every 10 s and post their status every 5 min. Aceso is the bundle with the flags of the image, two replicas, default checks, no provider.",
        "Requests and bytes (bodies as on the wire, compressed where the server packs them) from its own metrics. Once an hour what `at start` says is read again.",
        `What the leader received an hour, ${shares.join("; ")}.`,
        "Budget at 5,000 nodes: 1,500 requests, 125 MiB and 130 s of CPU an hour, 160 MiB; a follower 80 MiB. Others at 5,000, measured elsewhere: magnum-auto-healer 3,355 requests, 1,254 MiB, 129 s, 421 MiB; NHC 44,361, 1,242 MiB, 282 s, 363 MiB.",
        ...(failures > 0 ? [`${failures} heartbeats did not get through: the machine was too busy.`] : []),
      ],
    },
  ];
}

async function measure(size: number, windowMs: number, command: readonly string[]): Promise<Found> {
  const installed = await installManifest({ nodeGrace: "50s", nodeMonitor: "5s" });
  const { plane } = installed;
  const kubelets = new ApiClient(plane.hollowAccess);
  const replicas: AcesoProcess[] = [];
  const start = async (name: string) => {
    const replica = await startReplica(installed, command, name);
    replicas.push(replica);
    return replica;
  };
  const nodes = await keepNodes(kubelets, size);
  try {
    const leader = await start("replica-1");
    await leader.line(/"leads"/, { withinMs: 60_000 });
    const follower = await start("replica-2");
    await sleep(settledMs);
    await calm(await metricsPort(leader), size);
    const pid = plane.pids()["controller-manager"] ?? 0;
    const [leads, follows, alone] = await Promise.all([
      watchAceso(leader, windowMs),
      watchAceso(follower, windowMs),
      watchProcess(pid, windowMs),
    ]);
    return { leader: leads, follower: follows, controllerManager: alone, failures: nodes.failures };
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await nodes.stop();
    kubelets.close();
    await installed.stop();
  }
}

async function startReplica({ plane, kubeconfig }: Installation, command: readonly string[], name: string) {
  const config = join(plane.dir, "config.yaml");
  await writeFile(config, "check-delay-after-add: 0s\n");
  const args = ["run", "--config", config, "--kubeconfig", kubeconfig, "--instance", name];
  const http = ["--set", "http.probes=127.0.0.1:0", "--set", "http.pages=127.0.0.1:0"];
  return startAceso({ name, command, args: [...args, ...http] });
}

/** Resolves when the leader hears little more of its Nodes than their heartbeats, or after 4 min. */
async function calm(port: number, size: number): Promise<void> {
  const heartbeatBytes = 15_000 * Math.max(1, size / (postEveryMs / calmLookMs));
  const begun = performance.now();
  const heard = async () => (await readTraffic(port)).byResource.get("nodes") ?? 0;
  for (let before = await heard(); performance.now() - begun < mostRestlessMs; ) {
    await sleep(calmLookMs);
    const now = await heard();
    if (now - before < 2 * heartbeatBytes) return;
    before = now;
  }
}

async function metricsPort(replica: AcesoProcess): Promise<number> {
  return Number((await replica.line(/"serves the status page and metrics"/)).fields.port);
}

async function watchAceso(replica: AcesoProcess, windowMs: number): Promise<SpentByAceso> {
  const port = await metricsPort(replica);
  const before = await readTraffic(port);
  const begun = performance.now();
  const spent = await watchProcess(replica.pid, windowMs);
  const after = await readTraffic(port);
  const perHour = (hourSeconds * 1_000) / (performance.now() - begun);
  return {
    ...spent,
    before,
    perHour: {
      requests: (after.requests - before.requests) * perHour,
      receivedBytes: (after.receivedBytes - before.receivedBytes) * perHour,
      byResource: new Map(
        [...after.byResource].map(([name, bytes]) => [name, (bytes - (before.byResource.get(name) ?? 0)) * perHour]),
      ),
    },
  };
}

async function watchProcess(pid: number, windowMs: number): Promise<Spent> {
  const begun = performance.now();
  const first = await readUsage(pid);
  const samples: Usage[] = [first];
  while (performance.now() - begun < windowMs) {
    await sleep(Math.min(sampleMs, Math.max(1, begun + windowMs - performance.now())));
    samples.push(await readUsage(pid));
  }
  const last = samples.at(-1) ?? first;
  const secondsWatched = (performance.now() - begun) / 1_000;
  return {
    cpuPerHour: ((last.cpuSeconds - first.cpuSeconds) / secondsWatched) * hourSeconds,
    residentBytes: median(samples.map((it) => it.residentBytes)),
    anonymousBytes: median(samples.map((it) => it.anonymousBytes)),
    peakBytes: last.peakBytes,
  };
}

function acesoRow(size: number, name: string, spent: SpentByAceso, alone: Spent): string[] {
  const { perHour, before } = spent;
  const traffic = [perHour.requests.toFixed(0), mebibytes(perHour.receivedBytes)];
  return row(size, name, spent, [...traffic, `${before.requests}, ${mebibytes(before.receivedBytes)}`], alone);
}

function row(size: number, name: string, spent: Spent, traffic: readonly string[], alone: Spent): string[] {
  return [
    ...[String(size), name, ...traffic],
    seconds(spent.cpuPerHour * 1_000),
    mebibytes(spent.residentBytes),
    mebibytes(spent.anonymousBytes),
    mebibytes(spent.peakBytes),
    ratio(spent.cpuPerHour / alone.cpuPerHour),
    ratio(spent.residentBytes / alone.residentBytes),
  ];
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const idleBenchmark: Benchmark = {
  name: "idle",
  summary: "requests, bytes, memory and CPU of leader and follower while nothing happens, real control plane",
  needsControlPlane: true,
  run,
};
