import fc from "fast-check";
import { expect, test } from "vitest";
import { type Phase, type RepairRecord, workPhases } from "../../../src/core/record.ts";
import { begin, end, enterPhase, planFrom } from "../../../src/core/record-changes.ts";
import { phasesOf } from "../../../src/core/record-phases.ts";
import { fromNodeRepair } from "../../../src/kube/record-codec.ts";
import { toStatusPatch } from "../../../src/kube/record-status.ts";
import { node, now, policy, record } from "../../support/core-builders.ts";

const writer = { leader: "a", leaseTransitions: 1 };
const plan = planFrom(policy(), "worker", "silent", false, false);
const beginning = {
  id: "r1",
  node: node(),
  plan,
  rung: undefined,
  attempt: 0,
  machine: "m1",
  because: "silent",
  request: undefined,
};
const begun = (wallMs: number, before: RepairRecord = record()) => begin(before, beginning, writer, wallMs);
const read = (it: RepairRecord): RepairRecord => {
  const stored = fromNodeRepair({ metadata: { name: it.node, resourceVersion: "1" }, status: toStatusPatch(it) });
  if (stored.kind !== "record") throw new Error(stored.unreadable.problem);
  return stored.record;
};

test("a repair knows when it entered each phase, and its history still does when the next one has begun", () => {
  const start = now.wallMs;
  const fencing = enterPhase(begun(start), "Fencing", "cordoned", start + 1_000);
  const healed = end(enterPhase(fencing, "Unfencing", "on", start + 5_000), "Healed", "returned", "", start + 9_000);
  const phases = [
    { phase: "Cordoning", startedAtWallMs: start },
    { phase: "Fencing", startedAtWallMs: start + 1_000 },
    { phase: "Unfencing", startedAtWallMs: start + 5_000 },
  ];
  expect(healed.history.at(-1)).toMatchObject({ endedAtWallMs: start + 9_000, phases });
  const next = begun(start + 60_000, healed);
  expect(phasesOf(next)).toEqual([{ phase: "Cordoning", startedAtWallMs: start + 60_000 }]);
  expect(next.history.at(-1)).toMatchObject({ phases });
});

test("a held repair that goes on keeps the phases from before, and tells them as one repair", () => {
  const held = end(begun(now.wallMs), "Held", "attempts-exhausted", "", now.wallMs + 1_000);
  const back = end(
    enterPhase(held, "Unfencing", "it came back", now.wallMs + 2_000),
    "Recovered",
    "",
    "",
    now.wallMs + 3_000,
  );
  expect(back.history.map(({ outcome }) => outcome)).toEqual(["Recovered"]);
  expect(back.history[0]?.phases?.map(({ phase }) => phase)).toEqual(["Cordoning", "Held", "Unfencing"]);
});

test("phases are bounded, in order, end with the present one, and survive the API server", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...workPhases), fc.nat(600_000)), { maxLength: 60 }), (steps) => {
      let wallMs = now.wallMs;
      let it = begun(wallMs);
      for (const [phase, laterMs] of steps) {
        wallMs += laterMs;
        it = enterPhase(it, phase, "", wallMs);
      }
      const phases = phasesOf(read(it));
      expect(phases.length).toBeLessThanOrEqual(16);
      expect(phases.at(-1)).toEqual({ phase: it.phase, startedAtWallMs: wallMs });
      expect(phases.map(({ startedAtWallMs }) => startedAtWallMs)).toEqual(
        phases.map(({ startedAtWallMs }) => startedAtWallMs).sort((a, b) => a - b),
      );
      expect(phases).toEqual(phasesOf(it));
    }),
  );
});

test("a record of a program that keeps no phases is read, and tells its present phase", () => {
  const { phases: _phases, ...old } = enterPhase(begun(now.wallMs), "Fencing", "", now.wallMs + 1_000);
  expect(phasesOf(read(old))).toEqual([{ phase: "Fencing", startedAtWallMs: now.wallMs + 1_000 }]);
});

test("phases that such a program left from an earlier repair are not told as this one's", () => {
  const earlier = [{ phase: "Releasing" as Phase, startedAtWallMs: now.wallMs - 60_000 }];
  expect(phasesOf({ ...begun(now.wallMs), phases: earlier })).toEqual([
    { phase: "Cordoning", startedAtWallMs: now.wallMs },
  ]);
});

test("phases that make no sense hold no repair: they decide nothing", () => {
  const status = { ...toStatusPatch(begun(now.wallMs)), phases: [{ phase: "Dancing", startedAt: 1 }] };
  const stored = fromNodeRepair({ metadata: { name: "n1", resourceVersion: "1" }, status });
  expect(stored).toMatchObject({ kind: "record", record: { phase: "Cordoning" } });
});
