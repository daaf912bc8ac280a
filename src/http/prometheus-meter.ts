import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Meter, MeterLabels, MeterSeries } from "../ports/meter.ts";
import { buckets, type MetricSpec, metrics } from "./metric-list.ts";

/** Most label sets of one metric. What a plugin or a server makes up beyond them is counted together as `other`. */
const mostSeries = 400;
const other = "other";

/** Of what `PrometheusMeter.text` returns. */
export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE;

/** A meter with its own registry. A name or label that is not listed is a bug of ours and is ignored at run time. */
export class PrometheusMeter implements Meter {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #known = new Map<string, Set<string>>();

  constructor() {
    for (const [name, spec] of Object.entries(metrics) as [string, MetricSpec][]) {
      const { kind, help, labels } = spec;
      const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
      if (kind === "counter") this.#counters.set(name, new Counter(common));
      else if (kind === "gauge") this.#gauges.set(name, new Gauge(common));
      else this.#histograms.set(name, new Histogram({ ...common, buckets: [...buckets[spec.buckets ?? "calls"]] }));
      for (const set of spec.begins ?? []) this.count(name, set, 0);
      if (spec.of === "leader") this.replace(name, []);
    }
  }

  count(name: string, labels: MeterLabels = {}, amount = 1): void {
    this.#counters.get(name)?.inc(this.#listed(name, labels), amount);
  }

  set(name: string, value: number, labels: MeterLabels = {}): void {
    this.#gauges.get(name)?.set(this.#listed(name, labels), value);
  }

  replace(name: string, series: readonly MeterSeries[]): void {
    const gauge = this.#gauges.get(name);
    if (gauge === undefined) return;
    // Without labels reset() would leave a 0 behind, which is a value, too.
    if (labelsOf(name).length === 0) gauge.remove();
    else gauge.reset();
    this.#known.delete(name);
    for (const { labels = {}, value } of series) this.set(name, value, labels);
  }

  time(name: string, seconds: number, labels: MeterLabels = {}): void {
    this.#histograms.get(name)?.observe(this.#listed(name, labels), seconds);
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The labels that the metric has, each with a value; `other` where there are too many already. */
  #listed(name: string, labels: MeterLabels): MeterLabels {
    const names = labelsOf(name);
    const values = names.map((label) => labels[label] ?? "");
    const known = this.#known.get(name) ?? new Set();
    this.#known.set(name, known);
    const key = JSON.stringify(values);
    if (!known.has(key) && known.size >= mostSeries) return Object.fromEntries(names.map((label) => [label, other]));
    known.add(key);
    return Object.fromEntries(names.map((label, index) => [label, values[index] as string]));
  }
}

function labelsOf(name: string): readonly string[] {
  return (metrics as Readonly<Record<string, MetricSpec>>)[name]?.labels ?? [];
}
