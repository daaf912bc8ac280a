import { Agent } from "undici";
import { createApp } from "../../src/app/app.ts";
import { systemClock } from "../../src/app/clock.ts";
import { makeParts } from "../../src/app/setup.ts";
import { plainAccess } from "../../src/kube/kube-access.ts";
import { type Provider, ProviderError } from "../../src/plugin-api/index.ts";
import { livingConditions, nodeDraft, nodeLeaseDraft } from "../sim/kube/fixtures.ts";
import { KubeSimulator } from "../sim/kube/simulator.ts";
import { loadText, registry } from "../support/config-loading.ts";
import { eventually } from "../support/eventually.ts";
import { quietLog, quietMeter } from "../support/quiet-ports.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { median, milliseconds, percentile, ratio } from "./figures.ts";

/** How long the check must fail: from its end on the time is taken. */
const thresholdMs = 2_000;
/** Between two nodes that fall sick; each is a repair of its own. */
const gapMs = 500;
const checks = [{ type: "NodeCondition", params: { "unhealthy-duration": `${thresholdMs}ms` } }];
/** Brakes off: every sick node shall be treated at once. */
const config = JSON.stringify({
  "startup-delay": "0s",
  "check-delay-after-add": "0s",
  "max-unhealthy": "100%",
  "max-parallel": 1_000,
  "max-repairs-per-hour": 1_000,
  healthcheck: { master: checks, worker: checks },
});

/** Owner of machines that are all on and stay so: each repair is held soon after its cordon and disturbs the next no more. */
const patientOwner: Provider = {
  id: "patient",
  capabilities: ["observe", "power-off", "power-on"],
  defaultLadder: () => ["power-cycle"],
  identify: async (node) => `vm-${node.name}`,
  observe: async () => ({ power: "on", text: "on" }),
  powerOff: async () => {
    throw new ProviderError("the owner of these machines switches nothing off", "ask-operator");
  },
  powerOn: async () => undefined,
};

interface Reaction {
  readonly recordedMs: readonly number[];
  readonly cordonedMs: readonly number[];
  readonly parseMs: number;
}

async function run({ isShort, say }: BenchOptions): Promise<readonly Table[]> {
  const trials = isShort ? 5 : 20;
  const rows: string[][] = [];
  for (const size of isShort ? [100, 1_000] : [100, 1_000, 5_000]) {
    say(`${size} nodes, ${trials} of them fall sick`);
    const { recordedMs, cordonedMs, parseMs } = await react(size, trials);
    rows.push([
      String(size),
      milliseconds(median(recordedMs)),
      milliseconds(percentile(recordedMs, 0.99)),
      milliseconds(median(cordonedMs)),
      milliseconds(percentile(cordonedMs, 0.99)),
      milliseconds(parseMs),
      ratio(median(cordonedMs) / parseMs),
    ]);
  }
  return [
    {
      title: "Threshold crossed → first write, first effect (the cordon)",
      columns: ["nodes", "record", "record p99", "cordon", "cordon p99", "parsing the node list", "cordon / parse"],
      rows,
      notes: [
        `${trials} nodes, one every ${gapMs} ms; from ${thresholdMs} ms after the status patch to the write in the store.`,
        "Aceso and the simulated API server share one thread: an upper bound. 20 ms of it are waited on purpose, so that changes are judged together.",
        "Budget: p99 ≤ 100 ms at 5,000 nodes. Others, measured elsewhere: magnum-auto-healer up to 5 min, Asklepios ≤ 10 s.",
      ],
    },
  ];
}

async function react(size: number, trials: number): Promise<Reaction> {
  const clock = systemClock;
  const kube = new KubeSimulator({ clock });
  await kube.start();
  const agent = new Agent();
  const stop = new AbortController();
  const names = Array.from({ length: size }, (_, index) => `node-${index}`);
  const { wallMs } = clock.now();
  for (const name of names) {
    kube.store.put("nodes", nodeDraft(name, wallMs));
    kube.store.put("leases", nodeLeaseDraft(name, wallMs));
  }
  const app = createApp(await options(kube, agent));
  const running = app.run(stop.signal);
  try {
    const isLeading = () => (kube.store.get("leases", "aceso/aceso")?.spec?.holderIdentity ? true : undefined);
    await eventually("the replica leads", isLeading);
    // the first lists and the first poll of the Leases
    await clock.sleep(2_000);
    return await watchReactions(kube, names.slice(0, trials));
  } finally {
    stop.abort();
    await running;
    await kube.stop();
    await agent.destroy();
  }
}

async function options(kube: KubeSimulator, agent: Agent) {
  const clock = systemClock;
  const loaded = { config: loadText(config), registry };
  const made = await makeParts(loaded, { clock, log: quietLog });
  const ladder = { master: ["power-cycle"], worker: ["power-cycle"] } as const;
  return {
    config: loaded.config,
    parts: { ...made, provider: patientOwner, policy: { ...made.policy, provider: patientOwner, ladder } },
    clock,
    log: quietLog,
    meter: quietMeter,
    access: plainAccess(kube.urls, agent),
    namespace: "aceso",
    daemonSet: undefined,
    nodeName: undefined,
    instance: "bench",
  };
}

/** Makes the nodes sick one by one and takes the time of what is written about each. */
async function watchReactions(kube: KubeSimulator, patients: readonly string[]): Promise<Reaction> {
  const clock = systemClock;
  const sickAt = new Map<string, number>();
  const recorded = new Map<string, number>();
  const cordoned = new Map<string, number>();
  const forget = kube.store.onChange(({ plural, object, type }) => {
    const { name } = object.metadata;
    const { monoMs } = clock.now();
    if (plural === "noderepairs" && type === "ADDED") recorded.set(name, monoMs);
    if (plural === "nodes" && object.spec?.unschedulable === true && !cordoned.has(name)) cordoned.set(name, monoMs);
  });
  try {
    for (const name of patients) {
      const { monoMs, wallMs } = clock.now();
      sickAt.set(name, monoMs);
      kube.store.patch("nodes", name, { status: { conditions: livingConditions(wallMs, "False") } });
      await clock.sleep(gapMs);
    }
    await eventually("all of them are cordoned", () => cordoned.size === patients.length, { everyMs: 20 });
  } finally {
    forget();
  }
  const since = (at: ReadonlyMap<string, number>) =>
    patients.map((name) => (at.get(name) ?? Number.NaN) - (sickAt.get(name) ?? 0) - thresholdMs);
  return { recordedMs: since(recorded), cordonedMs: since(cordoned), parseMs: parsing(kube) };
}

/** Milliseconds to parse the list of all nodes, the baseline. */
function parsing(kube: KubeSimulator): number {
  const text = JSON.stringify({ items: kube.store.list("nodes") });
  const times = Array.from({ length: 20 }, () => {
    const begun = performance.now();
    JSON.parse(text);
    return performance.now() - begun;
  });
  return median(times);
}

export const reactionBenchmark: Benchmark = {
  name: "reaction",
  summary: "from a threshold crossed to the first effect, on the simulated API server",
  needsControlPlane: false,
  run,
};
