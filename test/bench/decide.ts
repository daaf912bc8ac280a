import { performance } from "node:perf_hooks";
import { systemClock } from "../../src/app/clock.ts";
import { makeParts } from "../../src/app/setup.ts";
import { decide } from "../../src/core/decide.ts";
import type { NodeFacts } from "../../src/core/model.ts";
import { PassiveFindings } from "../../src/engine/passive-findings.ts";
import { nodeDraft } from "../sim/kube/fixtures.ts";
import { loadText, registry } from "../support/config-loading.ts";
import { ago, node, now, observer, policy, still, view } from "../support/core-builders.ts";
import { quietLog, quietMeter } from "../support/quiet-ports.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { median, milliseconds, percentile, ratio } from "./figures.ts";
import { stormTables } from "./storm.ts";

const sizes = [100, 1_000, 5_000];
/** One node in so many is ill: the usual case, and a storm. */
const shares = [100, 2];
/** The budget of DESIGN §10 from a threshold that is crossed to the first effect. */
const budgetMs = 100;

async function run({ isShort, nodes: chosen }: BenchOptions): Promise<readonly Table[]> {
  const parts = await makeParts({ config: loadText(""), registry }, { clock: systemClock, log: quietLog });
  const rounds = isShort ? 20 : 200;
  const cases = shares.flatMap((share) => sizes.map((size) => ({ size, share })));
  const rows = cases.map(({ size, share }) => {
    const nodes = Array.from({ length: size }, (_, index) => clusterNode(index, size, share));
    const observers = ["replica-1", "replica-2", "replica-3"].map((name) => observer(name));
    const leases = new Map(nodes.map((it) => [it.name, still(isReady(it) ? 5_000 : 60_000)]));
    const text = JSON.stringify({ items: nodes.map((it) => nodeDraft(it.name, now.wallMs)) });
    const checks = new PassiveFindings(parts.passive, quietLog, quietMeter);
    const passive = checks.findings(nodes, (name) => leases.get(name), now);
    const seen = view({ nodes, leases, passive, observers, policy: policy() });
    const deciding = repeat(rounds, () => decide(seen, now));
    const judging = repeat(rounds, () => checks.findings(nodes, (name) => leases.get(name), now));
    const parsing = repeat(rounds, () => JSON.parse(text));
    return [
      String(size),
      `1 in ${share}`,
      milliseconds(median(deciding)),
      milliseconds(percentile(deciding, 0.99)),
      milliseconds(median(judging)),
      milliseconds(median(parsing)),
      ratio((median(deciding) + median(judging)) / median(parsing)),
    ];
  });
  return [
    {
      title: `One pass over the cluster (${rounds} rounds)`,
      columns: [
        "nodes",
        "ill",
        "decide",
        "decide p99",
        "passive checks",
        "JSON.parse of the node list",
        "pass / parse",
      ],
      rows,
      notes: [
        "Baseline, in the same process: parsing the list of the same nodes, of about 1.3 KB each without images.",
        `Budget from a threshold crossed to the first effect: ${budgetMs} ms at 5,000 nodes; see \`reaction\`.`,
      ],
    },
    ...(await stormTables({ isShort, nodes: chosen }, parts)),
  ];
}

function clusterNode(index: number, size: number, share: number): NodeFacts {
  const isSick = index % share === share - 1;
  const status = isSick ? "Unknown" : "True";
  const ready = { type: "Ready", status, reason: "", changedAtMonoMs: ago(60_000) };
  const others = ["MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({
    ...{ type, status: "False", reason: "", changedAtMonoMs: ago(60_000) },
  }));
  return node(`node-${String(size - index).padStart(5, "0")}`, { conditions: [...others, ready] });
}

function isReady({ conditions }: NodeFacts): boolean {
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** Times of each round in milliseconds, after a tenth as many rounds to warm up. */
function repeat(rounds: number, work: () => unknown): readonly number[] {
  for (let round = 0; round < Math.max(5, rounds / 10); round += 1) work();
  return Array.from({ length: rounds }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
}

export const decideBenchmark: Benchmark = {
  name: "decide",
  summary: "one pass of the decision over 100, 1,000 and 5,000 nodes; the whole leader in a storm",
  needsControlPlane: false,
  run,
};
