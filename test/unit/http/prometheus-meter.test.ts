import { describe, expect, test } from "vitest";
import { type MetricSpec, metrics } from "../../../src/http/metric-list.ts";
import { metricsContentType, PrometheusMeter } from "../../../src/http/prometheus-meter.ts";
import { busyMeter, troubledCluster } from "../../support/busy-meter.ts";

interface Series {
  readonly name: string;
  readonly labels: string;
}

function seriesOf(text: string): Series[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", labels = ""] = /^([a-z_]+)(?:\{(.*)\})? /.exec(line) ?? [];
    return { name, labels };
  });
}

describe("with 5,000 nodes in many states", () => {
  const size = 5_000;
  const shown = busyMeter(troubledCluster(size)).text();

  test("there are as few series as with 200, and fewer than a thousand", async () => {
    const many = seriesOf(await shown);
    const few = seriesOf(await busyMeter(troubledCluster(200)).text());
    process.stdout.write(`series: ${many.length} with ${size} nodes, ${few.length} with 200\n`);
    expect(many.length).toBeLessThan(1_000);
    expect(many.length - few.length).toBe(0);
  });

  test("no label names a node or holds a sentence", async () => {
    const series = seriesOf(await shown);
    const values = new Set(
      series.flatMap(({ labels }) => [...labels.matchAll(/="([^"]*)"/g)].map((it) => it[1] ?? "")),
    );
    expect([...values].filter((it) => it.includes("worker-") || !/^[A-Za-z0-9_+./#-]{1,40}$/.test(it))).toEqual([]);
  });

  test("every node is counted in one state", async () => {
    const text = await shown;
    const counts = [...text.matchAll(/^aceso_nodes\{state="([A-Za-z]+)"\} (\d+)$/gm)];
    expect(counts.reduce((sum, it) => sum + Number(it[2]), 0)).toBe(size);
    expect(counts.filter((it) => Number(it[2]) > 0).length).toBeGreaterThan(8);
  });
});

describe("a replica that does not lead", () => {
  const ofLeader = Object.entries(metrics)
    .filter(([, spec]: [string, MetricSpec]) => spec.of === "leader")
    .map(([name]) => name);
  const shown = async (meter: PrometheusMeter) => {
    const names = new Set(seriesOf(await meter.text()).map(({ name }) => name));
    return ofLeader.filter((name) => names.has(name));
  };

  test("shows none of the leader's gauges before its first term", async () => {
    expect(await shown(new PrometheusMeter())).toEqual([]);
  });

  test("shows none of them any more when its term is over", async () => {
    const term = new AbortController();
    const meter = busyMeter(troubledCluster(20), term.signal);
    expect(await shown(meter)).toEqual(ofLeader);
    term.abort();
    expect(await shown(meter)).toEqual([]);
  });
});

describe("the meter", () => {
  test("shows counters that alerts wait for from the start, at 0", async () => {
    expect(await new PrometheusMeter().text()).toContain('aceso_unproven_releases_total{by="configuration"} 0');
  });

  test("counts together what a plugin makes up beyond a bound", async () => {
    const meter = new PrometheusMeter();
    for (let number = 0; number < 1_000; number += 1)
      meter.count("aceso_provider_calls_total", { operation: "observe", code: `E${number}` });
    const series = seriesOf(await meter.text()).filter(({ name }) => name === "aceso_provider_calls_total");
    expect(series.length).toBe(401);
    expect(await meter.text()).toContain('aceso_provider_calls_total{operation="other",code="other"} 600');
  });

  test("heeds no name and no label that is not listed", async () => {
    const meter = new PrometheusMeter();
    const before = await meter.text();
    meter.count("aceso_nonsense_total");
    meter.set("aceso_nonsense", 1);
    meter.replace("aceso_nonsense", [{ value: 1 }]);
    expect(await meter.text()).toBe(before);
    meter.time("aceso_sweep_seconds", 1, { node: "worker-1" });
    expect(await meter.text()).not.toContain("worker-1");
  });

  test("says that it speaks Prometheus' text format", () => {
    expect(metricsContentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  test("times of repairs reach an hour, and are told apart in seconds", () => {
    const ofRepairs = Object.entries(metrics).filter(([name]) => name.startsWith("aceso_time_to_"));
    expect(ofRepairs.map(([, spec]: [string, MetricSpec]) => spec.buckets)).toEqual(Array(4).fill("repairs"));
  });
});
