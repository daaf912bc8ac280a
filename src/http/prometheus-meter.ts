import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Meter, MeterLabels } from "../ports/meter.ts";
import { type MetricSpec, metrics } from "./metric-list.ts";

/** Seconds; from a cached answer to a provider's slowest call. */
const buckets = [0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** A meter with its own registry. A name or label that is not listed is a bug of ours and is ignored at run time. */
export class PrometheusMeter implements Meter {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor() {
    for (const [name, { kind, help, labels }] of Object.entries(metrics) as [string, MetricSpec][]) {
      const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
      if (kind === "counter") this.#counters.set(name, new Counter(common));
      else if (kind === "gauge") this.#gauges.set(name, new Gauge(common));
      else this.#histograms.set(name, new Histogram({ ...common, buckets }));
    }
  }

  count(name: string, labels: MeterLabels = {}, amount = 1): void {
    this.#counters.get(name)?.inc(labels, amount);
  }

  set(name: string, value: number, labels: MeterLabels = {}): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  time(name: string, seconds: number, labels: MeterLabels = {}): void {
    const histogram = this.#histograms.get(name);
    const known = metrics[name as keyof typeof metrics]?.labels as readonly string[] | undefined;
    const listed = Object.entries(labels).filter(([key]) => known?.includes(key));
    histogram?.observe(Object.fromEntries(listed), seconds);
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }
}
