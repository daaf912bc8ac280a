import type { ProbeResult, ProbingCheck, Verdict } from "../../../src/plugin-api/index.ts";
import type { ProbeTarget, Report, ReportPublisher, TargetList } from "../../../src/ports/reports.ts";

export function target(name: string, fields: Partial<ProbeTarget> = {}): ProbeTarget {
  return { name, uid: `uid-${name}`, role: "worker", internalIP: "127.0.0.1", kubeletPort: 10250, ...fields };
}

export function targets(count: number): ProbeTarget[] {
  return Array.from({ length: count }, (_, index) => target(`n${index}`));
}

export function result(verdict: Verdict, fields: Partial<ProbeResult> = {}): ProbeResult {
  return { verdict, message: verdict, answered: verdict === "pass", ...fields };
}

/** A check whose verdict the test chooses for each node; `pass` where nothing is chosen. */
export class ScriptedCheck implements ProbingCheck {
  readonly verdicts = new Map<string, ProbeResult>();
  readonly probed: string[] = [];
  closed = 0;

  async probe({ name }: ProbeTarget): Promise<ProbeResult> {
    this.probed.push(name);
    return this.verdicts.get(name) ?? result("pass");
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

export class FakeTargetList implements TargetList {
  targets: readonly ProbeTarget[];
  calls = 0;
  problem: Error | undefined;

  constructor(list: readonly ProbeTarget[]) {
    this.targets = list;
  }

  async list(): Promise<readonly ProbeTarget[]> {
    this.calls += 1;
    if (this.problem !== undefined) throw this.problem;
    return this.targets;
  }
}

export class FakePublisher implements ReportPublisher {
  readonly reports: Report[] = [];
  attempts = 0;
  problem: Error | undefined;

  get last(): Report | undefined {
    return this.reports.at(-1);
  }

  async publish(report: Report): Promise<void> {
    this.attempts += 1;
    if (this.problem !== undefined) throw this.problem;
    this.reports.push(report);
  }
}
