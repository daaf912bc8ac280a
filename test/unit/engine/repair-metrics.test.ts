import { describe, expect, test } from "vitest";
import type { RepairRecord } from "../../../src/core/record.ts";
import { measureDetection, measureRepair, measureResult } from "../../../src/engine/repair-metrics.ts";
import type { Meter, MeterLabels } from "../../../src/ports/meter.ts";
import * as make from "../../support/core-builders.ts";

/** Every call as `name {labels} value`. */
function recordingMeter(): Meter & { readonly calls: readonly string[] } {
  const calls: string[] = [];
  const note = (name: string, labels: MeterLabels = {}, value = 1) => {
    const words = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
    calls.push([name.replace(/^aceso_/, ""), ...words, value].join(" "));
  };
  return {
    calls,
    count: note,
    set: (name, value, labels) => note(name, labels, value),
    replace: () => undefined,
    time: (name, seconds, labels) => note(name, labels, seconds),
  };
}

const atSecond = (seconds: number) => make.now.wallMs + seconds * 1_000;
const at = (phase: NonNullable<RepairRecord["phase"]>, seconds: number, changes: Partial<RepairRecord> = {}) =>
  make.record({ phase, startedAtWallMs: atSecond(0), phaseStartedAtWallMs: atSecond(seconds), ...changes });

function measuredOf(...records: readonly RepairRecord[]): readonly string[] {
  const meter = recordingMeter();
  for (const [index, record] of records.entries()) measureRepair(meter, records[index - 1], record);
  return meter.calls.filter((call) => !call.startsWith("repair_phases_total"));
}

describe("times of a repair", () => {
  const marks = make.taintMark;

  test("are told when it is fenced, when it is released, and when the node is back", () => {
    const calls = measuredOf(
      at("Fencing", 1),
      at("Releasing", 12),
      at("Restoring", 15, { marks }),
      at("Recovering", 20, { marks }),
      at("Unfencing", 60, { marks }),
      at("Healed", 75),
    );
    expect(calls).toEqual([
      "time_to_fence_seconds 12",
      "time_to_release_seconds 3",
      "repairs_total outcome=Healed rung=power-cycle 1",
      "time_to_return_seconds rung=power-cycle 75",
    ]);
  });

  test("of a release that was given up or taken back are not told", () => {
    expect(measuredOf(at("Releasing", 12), at("Restoring", 400, { marks, isReleaseOverdue: true }))).toEqual([
      "time_to_fence_seconds 12",
    ]);
    expect(measuredOf(at("Releasing", 12), at("Recovering", 20))).toEqual(["time_to_fence_seconds 12"]);
  });

  test("are not told of a node that is held: it is not back", () => {
    expect(measuredOf(at("Recovering", 12), at("Held", 20))).toEqual(["repairs_total outcome=Held rung=power-cycle 1"]);
  });

  test("are never less than nothing, also when the wall clock went back", () => {
    expect(measuredOf(at("Releasing", -30))).toEqual(["time_to_fence_seconds 0"]);
  });

  test("are told once, however often a phase is written", () => {
    expect(measuredOf(at("Releasing", 12), at("Releasing", 12, { message: "pods are finishing" }))).toHaveLength(1);
  });
});

test("a repair without a provider is told as unproven in place of its rung", () => {
  const { rung: _none, ...healed } = at("Healed", 60, { plan: make.plan({ mode: "unproven" }) });
  expect(measuredOf(healed)).toContain("repairs_total outcome=Healed rung=unproven 1");
});

describe("time to detect", () => {
  const detected = (view: Parameters<typeof make.view>[0]) => {
    const meter = recordingMeter();
    measureDetection(meter, make.node("n1"), make.view(view), make.now);
    return meter.calls;
  };

  test("begins with the first sign: the last heartbeat, or the first failure of a check", () => {
    const passive = new Map([
      ["n1", [{ check: "C", message: "", sinceMonoMs: make.ago(300_000), unhealthyDurationMs: 60_000 }]],
    ]);
    const leases = new Map([["n1", make.still(40_000)]]);
    const nodes = [make.node("n1")];
    expect(detected({ nodes, leases })).toEqual(["time_to_detect_seconds 40"]);
    expect(detected({ nodes, leases, passive })).toEqual(["time_to_detect_seconds 300"]);
  });

  test("is not told of a healthy node that a person wants repaired", () => {
    expect(detected({ nodes: [make.node("n1")] })).toEqual([]);
  });
});

describe("a release without a provider's proof", () => {
  const tainted = (value: "off" | "unproven" | "confirmed-off-by-person", outcome: "done" | "failed" = "done") => {
    const meter = recordingMeter();
    const evidence = [{ source: "s", machine: "m", value, text: "", readAtWallMs: make.now.wallMs }];
    const result = { effect: "taint", id: "i", outcome, message: "", endedAtWallMs: make.now.wallMs } as const;
    measureResult(meter, make.record({ evidence, result }));
    return meter.calls.filter((call) => call.startsWith("unproven"));
  };

  test.each([
    ["unproven", ["unproven_releases_total by=configuration 1"]],
    ["confirmed-off-by-person", ["unproven_releases_total by=person 1"]],
    ["off", []],
  ] as const)("is counted by whose word it is: %s", (value, expected) => {
    expect(tainted(value)).toEqual(expected);
  });

  test("is counted when the taint is set, not when it could not be", () => {
    expect(tainted("unproven", "failed")).toEqual([]);
  });
});
