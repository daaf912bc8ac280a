import { expect, test } from "vitest";
import { decide } from "../../../src/core/decide.ts";
import { HealthReporter, healthReportOf } from "../../../src/engine/health-report.ts";
import type { HealthReport } from "../../../src/plugin-api/index.ts";
import * as make from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const ill = (node: string, reason = "held: paused"): HealthReport => ({ ill: [{ node, reason }], nodes: 3 });

function reporter(tell: (report: HealthReport) => Promise<void>) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  return { clock, stop, its: new HealthReporter(tell, clock, quietLog, stop.signal) };
}

test("it names the nodes that are held, under repair or failing for too long, and no age", () => {
  const finding = {
    check: "NodeCondition",
    message: "Ready=False",
    sinceMonoMs: make.ago(900_000),
    unhealthyDurationMs: 60_000,
  };
  const young = { ...finding, sinceMonoMs: make.ago(1_000) };
  const view = make.view({
    nodes: [...make.crowd, make.node("due"), make.node("young"), make.node("n1"), make.node("n2")],
    passive: new Map([
      ["due", [finding]],
      ["young", [young]],
    ]),
    records: [
      make.record(),
      make.record({ node: "n2", phase: "Held", reason: "ask-operator" }),
      make.record({ node: "gone" }),
    ],
  });
  const later = { ...make.now, monoMs: make.now.monoMs + 5_000 };
  const report = healthReportOf(decide(view, make.now), view);
  expect(report).toEqual({
    ill: [
      { node: "due", reason: "NodeCondition failed for too long" },
      { node: "gone", reason: "under repair (power-cycle)" },
      { node: "n1", reason: "under repair (power-cycle)" },
      { node: "n2", reason: "held: ask-operator" },
    ],
    nodes: 14,
  });
  expect(healthReportOf(decide(view, later), view)).toEqual(report);
});

test("the owner is told once at the start, then only of changes, at most every 5 s", async () => {
  const told: HealthReport[] = [];
  const { clock, its } = reporter(async (report) => void told.push(report));
  its.note(ill("a"));
  its.note(ill("a"));
  await clock.advance(60_000);
  expect(told).toEqual([ill("a")]);
  its.note(ill("b"));
  its.note(ill("c"));
  await clock.advance(1_000);
  its.note(ill("d"));
  its.note(ill("e"));
  await clock.advance(60_000);
  expect(
    told
      .slice(1)
      .map((report) => report.ill[0]?.node)
      .at(-1),
  ).toBe("e");
  expect(told.length).toBeLessThanOrEqual(3);
});

test("a report that could not be told is told again, ever more rarely, in its newest form", async () => {
  const at: number[] = [];
  let isBroken = true;
  let last: HealthReport | undefined;
  const { clock, its } = reporter(async (report) => {
    at.push(clock.now().monoMs);
    if (isBroken) throw new Error("503");
    last = report;
  });
  its.note(ill("a"));
  await clock.advance(2 * 3_600_000);
  const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  expect(pauses.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(Math.max(...pauses)).toBe(300_000);
  its.note(ill("b"));
  isBroken = false;
  await clock.advance(300_000);
  expect(last).toEqual(ill("b"));
});

test("a call that hangs ends at its deadline, and nothing is told after the term", async () => {
  let calls = 0;
  const stop = new AbortController();
  const clock = new VirtualClock();
  const hang = (_report: HealthReport, signal: AbortSignal) => {
    calls += 1;
    return new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const its = new HealthReporter(hang, clock, quietLog, stop.signal);
  its.note(ill("a"));
  await clock.advance(70_000);
  expect(calls).toBe(2);
  stop.abort();
  await its.drained();
  its.note(ill("b"));
  await clock.advance(600_000);
  expect(calls).toBe(2);
});
