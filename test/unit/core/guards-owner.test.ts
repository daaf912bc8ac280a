import { describe, expect, test } from "vitest";
import { holdForEffect, holdForStart } from "../../../src/core/guards.ts";
import { holdWithoutNode } from "../../../src/core/guards-nodeless.ts";
import { type Effect, effects, type RepairRecord } from "../../../src/core/record.ts";
import { minuteMs } from "../../../src/core/time.ts";
import type { ClusterView, InterlockSight } from "../../../src/core/view.ts";
import * as make from "../../support/core-builders.ts";

const lock = (stops: "destruction" | "machine" | "everything"): InterlockSight => ({
  kind: "locked",
  stops,
  because: "cluster k8s is UPDATE_IN_PROGRESS",
});

function viewWith(sight: InterlockSight | "not asked" | "no interlocks"): ClusterView {
  const base = make.view({ nodes: [make.node(), ...make.crowd], pinnedVolumes: new Map([["n1", []]]) });
  if (sight === "no interlocks") return base;
  return { ...base, interlocks: new Map(sight === "not asked" ? [] : [["n1", sight]]) };
}

/** Effects that an interlock, and nothing else, stops. */
function stopped(sight: Parameters<typeof viewWith>[0]): Effect[] {
  const it = make.candidate(viewWith(sight));
  return effects.filter((effect) => holdForEffect(effect, it, make.now)?.reason === "interlock");
}

const destruction = ["power-off", "soft-reboot", "hard-reboot", "rebuild", "replace"];

test.each([
  ["no interlocks", "no interlocks", []],
  ["none in force", { kind: "none" }, []],
  ["destruction", lock("destruction"), destruction],
  ["machine", lock("machine"), [...destruction, "power-on"]],
  ["everything", lock("everything"), effects.filter((it) => it !== "untaint" && it !== "uncordon")],
  ["one that was never asked for", "not asked", effects.filter((it) => it !== "untaint" && it !== "uncordon")],
] as const)("%s stops what it says and nothing else", (_name, sight, expected) => {
  expect(stopped(sight).sort()).toEqual([...expected].sort());
});

test("the hold says the owner's reason", () => {
  const held = holdForEffect("power-off", make.candidate(viewWith(lock("destruction"))), make.now);
  expect(held?.message).toContain("cluster k8s is UPDATE_IN_PROGRESS.");
});

describe("a repair begins", () => {
  const start = (sight: Parameters<typeof viewWith>[0], isFoundOff: boolean) =>
    holdForStart(make.candidate(viewWith(sight), "n1", { isFoundOff }), make.now)?.reason;

  test("under no interlock at all", () => {
    for (const stops of ["destruction", "machine", "everything"] as const)
      expect(start(lock(stops), false)).toBe("interlock");
    expect(start({ kind: "none" }, false)).toBeUndefined();
  });

  test("on a machine that was found off unless everything is forbidden", () => {
    expect(start(lock("destruction"), true)).toBeUndefined();
    expect(start(lock("machine"), true)).toBeUndefined();
    expect(start(lock("everything"), true)).toBe("interlock");
    expect(start("not asked", true)).toBe("interlock");
  });

  test("not on the successor of a machine that is being replaced", () => {
    const replacement = { machine: "m-old", plan: "p", atWallMs: 0, successor: "UUID-N1" };
    const view = make.view({
      nodes: [make.node(), ...make.crowd],
      records: [make.record({ node: "old", phase: "Recovering", replacement })],
    });
    expect(holdForStart(make.candidate(view), make.now)?.reason).toBe("replacement-under-way");
  });
});

test("without its Node a machine is switched on only where the owner allows it", () => {
  const record = make.record();
  expect(holdWithoutNode("power-on", viewWith(lock("destruction")), record, make.now)).toBeUndefined();
  expect(holdWithoutNode("power-on", viewWith(lock("machine")), record, make.now)?.reason).toBe("interlock");
});

test("no other control-plane node is touched while the Node of a machine that is being replaced is gone", () => {
  const masters = ["n1", "n2", "n3"].map((name) => make.node(name, { role: "master" }));
  const replacement = { machine: "m-old", plan: "p", atWallMs: 0 };
  const view = make.view({
    nodes: [...masters, ...make.crowd],
    records: [make.record({ node: "n4", phase: "Recovering", replacement })],
  });
  expect(holdForEffect("power-off", make.candidate(view), make.now)).toMatchObject({
    reason: "control-plane-busy",
    message: expect.stringContaining("n4 is being replaced"),
  });
});

describe("a replacement", () => {
  const at = (ms: number) => ({ machine: "m", plan: "p", atWallMs: make.now.wallMs - ms });
  const asking = (ms: number) => ({
    replacement: at(ms),
    intent: { effect: "replace", id: "i", startedAtWallMs: make.now.wallMs - ms, deadlineMs: minuteMs } as const,
  });
  const heldBy = (other: Partial<RepairRecord>, own: Partial<RepairRecord> = {}) => {
    const records = [
      make.record({ phase: "Restoring", rung: "replace", ...own }),
      make.record({ node: "n2", phase: "Recovering", rung: "replace", ...other }),
    ];
    const nodes = [make.node(), ...make.crowd];
    const view = make.view({ nodes, records, pinnedVolumes: new Map([["n1", []]]) });
    return holdForEffect("replace", make.candidate(view, "n1", { rung: "replace" }), make.now);
  };

  test("waits until half a minute after another one was asked for, whoever asked", () => {
    expect(heldBy({ replacement: at(29_999) })).toMatchObject({
      reason: "replacement-under-way",
      message: expect.stringContaining("n2"),
      untilMonoMs: make.now.monoMs + 1,
    });
    expect(heldBy({ replacement: at(30_000) })).toBeUndefined();
    expect(heldBy({ replacement: at(0), phase: "Held" })).toBeUndefined();
    expect(heldBy({})).toBeUndefined();
  });

  test("is counted from when the other act was over, or may be over at the latest", () => {
    const endedAtWallMs = make.now.wallMs - 1_000;
    const result = { effect: "replace", id: "i", outcome: "unknown", message: "", endedAtWallMs } as const;
    expect(heldBy({ ...asking(50_000), result })?.untilMonoMs).toBe(make.now.monoMs + 29_000);
    expect(heldBy(asking(50_000))?.untilMonoMs).toBe(make.now.monoMs + 40_000);
  });

  test("that was written down first goes on when two are about to be asked for", () => {
    expect(heldBy(asking(1_000), asking(2_000))).toBeUndefined();
    expect(heldBy(asking(2_000), asking(1_000))?.reason).toBe("replacement-under-way");
    expect(heldBy(asking(1_000), asking(1_000))).toBeUndefined();
  });

  test("of another machine holds nothing else", () => {
    const records = [make.record(), make.record({ node: "n2", phase: "Recovering", replacement: at(0) })];
    const view = make.view({ nodes: [make.node(), ...make.crowd], records });
    expect(holdForEffect("power-off", make.candidate(view), make.now)).toBeUndefined();
  });
});
