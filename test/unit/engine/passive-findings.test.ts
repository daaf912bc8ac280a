import { expect, test } from "vitest";
import { PassiveFindings } from "../../../src/engine/passive-findings.ts";
import type { CheckResult } from "../../../src/plugin-api/health-check.ts";
import { node } from "../../support/core-builders.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";

const fail = (sinceMonoMs?: number): CheckResult =>
  sinceMonoMs === undefined ? { verdict: "fail", message: "bad" } : { verdict: "fail", message: "bad", sinceMonoMs };

function rig(evaluate: () => CheckResult) {
  const meter = recordingMeter();
  const spec = { id: "C", role: "worker", unhealthyDurationMs: 60_000, check: { evaluate } } as const;
  const passive = new PassiveFindings([spec], recordingLog(), meter);
  const at = (monoMs: number, of = node("n1")) =>
    passive.findings([of], () => undefined, { monoMs, wallMs: 0 }).get(of.name)?.[0]?.sinceMonoMs;
  return { at, passive, meter };
}

test("a failure counts from our first sight of it, until it passes", () => {
  let result = fail();
  const { at } = rig(() => result);
  expect([at(100), at(900)]).toEqual([100, 100]);
  result = { verdict: "pass" } as CheckResult;
  expect(at(1_000)).toBeUndefined();
  result = fail();
  expect(at(2_000)).toBe(2_000);
});

test("a condition that turns from one bad value to another goes on failing", () => {
  let since = 100;
  const { at } = rig(() => fail(since));
  expect(at(200)).toBe(100);
  since = 250;
  expect(at(300)).toBe(100);
});

test("after a time without reads all ages begin anew", () => {
  const { at, passive } = rig(() => fail());
  at(100);
  passive.restart();
  expect(at(900)).toBe(900);
});

test("unknown and a check that throws are no findings; the throw is counted", () => {
  expect(rig(() => ({ verdict: "unknown", message: "?" }) as CheckResult).at(1)).toBeUndefined();
  const broken = rig(() => {
    throw new Error("bug");
  });
  expect(broken.at(1)).toBeUndefined();
  expect([...broken.meter.counts]).toEqual([["aceso_check_errors_total{check=C}", 1]]);
});

test("another Node of the same name has no past, and a master is not asked a worker's check", () => {
  const { at } = rig(() => fail());
  at(100);
  expect(at(500, node("n1", { uid: "new" }))).toBe(500);
  expect(at(600, node("m1", { role: "master" }))).toBeUndefined();
});
