import { readFile } from "node:fs/promises";

/** Linux counts CPU time in hundredths of a second for every program. */
const ticksPerSecond = 100;

/** What a process has used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The part of it that no file backs: what the kernel cannot drop. */
  readonly anonymousBytes: number;
  readonly peakBytes: number;
}

export async function readUsage(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // the name in parentheses may hold spaces; after it come state, parent, …, utime (12th), stime (13th)
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const kib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) * 1_024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentBytes: kib("VmRSS"),
    anonymousBytes: kib("RssAnon"),
    peakBytes: kib("VmHWM"),
  };
}

/** Requests and bytes of bodies since the start, from Aceso's own metrics. */
export interface Traffic {
  readonly requests: number;
  readonly receivedBytes: number;
  /** Received bytes by resource. */
  readonly byResource: ReadonlyMap<string, number>;
}

export async function readTraffic(port: number): Promise<Traffic> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await response.text()).split("\n");
  const sum = (metric: string) =>
    lines
      .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  const byResource = lines.flatMap((line): [string, number][] => {
    const [, resource, value] = /^aceso_kube_received_bytes_total\{resource="([^"]*)"\} (.*)$/.exec(line) ?? [];
    return resource === undefined ? [] : [[resource, Number(value)]];
  });
  return {
    requests: sum("aceso_kube_requests_total"),
    receivedBytes: sum("aceso_kube_received_bytes_total"),
    byResource: new Map(byResource),
  };
}
