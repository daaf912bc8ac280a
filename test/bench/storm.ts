import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "../../src/app/clock.ts";
import type { Parts } from "../../src/app/setup.ts";
import { decide } from "../../src/core/decide.ts";
import type { ClusterView } from "../../src/core/view.ts";
import { MachineRoster } from "../../src/engine/machine-roster.ts";
import { buildWard, type WardSight } from "../../src/http/build-ward.ts";
import { WardFeed } from "../../src/http/ward-feed.ts";
import { fromReport } from "../../src/kube/report-codec.ts";
import { nodeDraft } from "../sim/kube/fixtures.ts";
import { now } from "../support/core-builders.ts";
import { quietLog } from "../support/quiet-ports.ts";
import type { BenchOptions, Table } from "./benchmark.ts";
import { mebibytes, milliseconds, ratio } from "./figures.ts";
import { reportObject, StormCluster } from "./storm-cluster.ts";

const usualSizes = [200, 1_000, 5_000];
const shares = [0, 0.02, 0.5];
const calmMs = 500;
const changeEveryMs = 20;
const leasesEveryMs = 500;

/** What the leader's parts cost beside each other, and for how long at most nothing else gets its turn. */
export async function stormTables(
  { isShort, nodes }: Pick<BenchOptions, "isShort" | "nodes">,
  parts: Parts,
): Promise<readonly Table[]> {
  const rows: string[][] = [];
  const whole: string[][] = [];
  for (const size of nodes ?? usualSizes) {
    for (const share of shares) {
      const label = [String(size), `${share * 100} %`];
      const { view, ...led } = await lead(size, share, parts, isShort ? 1_000 : 3_000);
      rows.push([...label, ...(await costs(view, led.cluster, isShort ? 10 : 40))]);
      whole.push([...label, ...led.row]);
    }
  }
  return [
    {
      title: "Parts of the leader in a storm (CPU time of one run, mean)",
      columns: [
        "nodes",
        "ill",
        "view",
        "decide",
        "ward",
        "ward, compared and as JSON",
        "roster",
        "one report",
        "JSON.parse of the nodes",
        "view + decide / parse",
        "ward / parse",
      ],
      rows,
      notes: [
        "`ill`: NotReady, silent and reported by three observers, all at once. `roster`: after a new list of all nodes.",
        "A report is cut at 500 entries.",
      ],
    },
    {
      title: "The leader with an open page while the storm breaks out",
      columns: ["nodes", "ill", "longest turn", "longest turn later", "passes", "CPU", "heap"],
      rows: whole,
      notes: [
        "A turn of the event loop in CPU time, so that a busy machine does not count. Later: from a second after the outbreak on.",
        "A Node changes every 20 ms, all Leases every 500 ms; the provider answers after 5 ms; a page asks every second.",
      ],
    },
  ];
}

async function costs(view: ClusterView, cluster: StormCluster, rounds: number): Promise<string[]> {
  const at = { ...now, monoMs: view.lastReadAtMonoMs ?? now.monoMs };
  const sight = sightOf(view, at);
  let monoMs = 0;
  const hasty = () => {
    // each ward is too old when it is asked for again
    monoMs += 11_000;
    return { monoMs, wallMs: 0 };
  };
  const feed = new WardFeed({ look: async () => sight }, { ...systemClock, now: hasty }, new AbortController().signal);
  const roster = new MachineRoster(
    {
      machines: {
        claimOf: async ({ name }) => ({ kind: "known", machine: `m-${name}`, systemUUID: "", providerID: "" }),
      },
      ...{ nodes: () => cluster.nodes, clock: systemClock, log: quietLog },
    },
    new AbortController().signal,
  );
  roster.nodeChanged(undefined);
  await roster.drained();
  const ill = [...view.nodes.values()].filter((it) => it.conditions.at(-1)?.status !== "True").map((it) => it.name);
  const report = reportObject("replica-1", ill, view.nodes.size, 1);
  const before = fromReport(report, undefined, now);
  const each = [
    () => cluster.engine.look(),
    () => decide(view, at),
    () => buildWard(sight, 1),
    () => feed.latest(),
    () => roster.nodeChanged(undefined),
    () => fromReport(report, before, now),
    () => JSON.parse(text) as unknown,
  ];
  const means: number[] = [];
  const text = JSON.stringify({ items: [...view.nodes.values()].map((it) => nodeDraft(it.name, now.wallMs)) });
  for (const work of each) {
    for (let round = 0; round < rounds / 2; round += 1) await work();
    // the kernel counts in ticks of milliseconds: only many rounds tell
    const begun = cpuMs();
    for (let round = 0; round < rounds; round += 1) await work();
    means.push((cpuMs() - begun) / rounds);
  }
  const [looked = 0, decided = 0, , shown = 0, , , parsed = Number.NaN] = means;
  return [...means.map(milliseconds), ratio((looked + decided) / parsed), ratio(shown / parsed)];
}

/** The real engine with all that hangs on it. */
async function lead(size: number, share: number, parts: Parts, windowMs: number) {
  const cluster = new StormCluster(size, parts, systemClock);
  const page = new WardFeed(
    {
      look: async () => {
        const view = cluster.engine.look();
        if (view === undefined) throw new Error("nothing was read");
        return sightOf(view, cluster.clock.now());
      },
    },
    cluster.clock,
    new AbortController().signal,
  );
  let turn = 0;
  const timers = [
    setInterval(() => cluster.change(turn++), changeEveryMs),
    setInterval(() => cluster.leasesRead(), leasesEveryMs),
    setInterval(() => void page.latest(), 1_000),
  ];
  try {
    await longestTurn(calmMs);
    const cpu = process.cpuUsage();
    const [outbreak] = await Promise.all([longestTurn(1_000), cluster.fallIll(share)]);
    const later = await longestTurn(windowMs);
    const { user, system } = process.cpuUsage(cpu);
    const view = cluster.engine.look();
    if (view === undefined) throw new Error("the engine has read nothing");
    const row = [
      milliseconds(Math.max(outbreak.ms, later.ms)),
      milliseconds(later.ms),
      String(cluster.passes),
      `${((user + system) / 10 / (windowMs + 1_000)).toFixed(0)} %`,
      mebibytes(heapBytes()),
    ];
    return { row, view, cluster };
  } finally {
    timers.forEach(clearInterval);
    await cluster.stop();
  }
}

/** CPU time of the longest turn within so many milliseconds. */
async function longestTurn(windowMs: number): Promise<{ readonly ms: number }> {
  const end = performance.now() + windowMs;
  let ms = 0;
  let before = cpuMs();
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const after = cpuMs();
    ms = Math.max(ms, after - before);
    before = after;
  }
  return { ms };
}

function sightOf(view: ClusterView, at: WardSight["now"]): WardSight {
  return {
    ...{ view, now: at, version: "bench", configSource: "bench", notes: [] },
    leader: { instance: "replica-1", renewedAtWallMs: at.wallMs, isAlive: true },
    servedBy: { instance: "replica-1", node: null, isLeader: true },
  };
}

/** CPU time of this thread, without compiler and collector threads. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
