import type { Log } from "../../src/ports/log.ts";
import type { Meter, MeterLabels } from "../../src/ports/meter.ts";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: object;
  readonly message: string;
}

/** A log that keeps its lines for the test to read. */
export function recordingLog(lines: LogLine[] = []): Log & { readonly lines: readonly LogLine[] } {
  const at = (level: LogLine["level"]) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => recordingLog(lines),
    lines,
  };
}

/** A meter whose counters the test can read: `name{label=value,…}` → sum. */
export function recordingMeter(): Meter & { readonly counts: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  const series = (name: string, labels: MeterLabels = {}) => {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
    return pairs.length === 0 ? name : `${name}{${pairs.sort().join(",")}}`;
  };
  return {
    counts,
    count: (name, labels, amount = 1) => {
      counts.set(series(name, labels), (counts.get(series(name, labels)) ?? 0) + amount);
    },
    set: () => {},
    replace: () => {},
    time: () => {},
  };
}
