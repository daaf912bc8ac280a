import fc from "fast-check";
import { expect, test } from "vitest";
import { rungs } from "../../../src/core/model.ts";
import { effects, outcomes, type RepairRecord, recordVersion, workPhases } from "../../../src/core/record.ts";
import { fromNodeRepair } from "../../../src/kube/record-codec.ts";
import { toStatusPatch } from "../../../src/kube/record-status.ts";

const wall = fc.integer({ min: 1, max: 4_000_000_000_000 });
const text = fc.string({ maxLength: 20 });
const id = fc.string({ minLength: 1, maxLength: 20 });
const rung = fc.constantFrom(...rungs);
const plan = fc.record({
  mode: fc.constantFrom("silent", "living", "unproven"),
  ladder: fc.array(rung, { maxLength: 5 }),
  foundOff: fc.boolean(),
  isRequested: fc.boolean(),
  drainTimeoutMs: fc.nat(),
  powerOffTimeoutMs: fc.nat(),
  releaseTimeoutMs: fc.nat(),
  rungTimeoutMs: fc.nat(),
  rebootTimeoutMs: fc.nat(),
  recoveryHoldMs: fc.nat(),
  requireReboot: fc.boolean(),
});
const identity = fc.record(
  { nodeUid: id, providerID: text, systemUUID: text, machine: id, bootID: text },
  { requiredKeys: ["nodeUid", "providerID", "systemUUID", "bootID"] },
);
const record = fc.record(
  {
    node: fc.constant("node-1"),
    resourceVersion: fc.constant("7"),
    wishes: fc.constant({}),
    version: fc.constant(recordVersion),
    id,
    handledRequest: id,
    refusedRequest: fc.record({ id, because: text }),
    phase: fc.constantFrom(...workPhases, ...outcomes),
    outcome: fc.constantFrom(...outcomes),
    rung,
    attempt: fc.nat(),
    reason: text,
    message: text,
    startedAtWallMs: wall,
    phaseStartedAtWallMs: wall,
    leader: text,
    leaseTransitions: fc.nat(),
    plan,
    intent: fc.record({ effect: fc.constantFrom(...effects), id, startedAtWallMs: wall, deadlineMs: fc.nat() }),
    result: fc.record({
      effect: fc.constantFrom(...effects),
      id,
      outcome: fc.constantFrom("done", "failed", "unknown"),
      message: text,
      remedy: fc.constantFrom("retry", "re-read"),
      endedAtWallMs: wall,
    }),
    evidence: fc.array(
      fc.record({
        source: text,
        machine: id,
        value: fc.constantFrom("on", "off", "changing", "unknown", "confirmed-off-by-person", "unproven"),
        text,
        readAtWallMs: wall,
      }),
      { maxLength: 5 },
    ),
    marks: fc.record(
      {
        cordon: fc.record({ wasUnschedulable: fc.boolean(), atWallMs: wall }),
        outOfService: fc.record({ atWallMs: wall }),
      },
      { requiredKeys: [] },
    ),
    identity,
    attempts: fc.array(fc.record({ rung, count: fc.nat(), lastAtWallMs: wall }), { maxLength: 5 }),
    hasActed: fc.boolean(),
    isReleaseOverdue: fc.boolean(),
    confirmedOff: fc.record({ bootID: id, atWallMs: wall }),
    replacement: fc.record(
      { machine: id, plan: fc.string({ maxLength: 1_024 }), atWallMs: wall, successor: id },
      { requiredKeys: ["machine", "plan", "atWallMs"] },
    ),
    pendingOff: fc.record({ machine: id, askedAtWallMs: wall }),
    history: fc.array(
      fc.record(
        { startedAtWallMs: wall, endedAtWallMs: wall, outcome: fc.constantFrom(...outcomes), rung, reason: text },
        { requiredKeys: ["startedAtWallMs", "endedAtWallMs", "outcome", "reason"] },
      ),
      { maxLength: 20 },
    ),
  },
  {
    requiredKeys: [
      "node",
      "resourceVersion",
      "wishes",
      "version",
      "id",
      "attempt",
      "reason",
      "message",
      "startedAtWallMs",
      "phaseStartedAtWallMs",
      "leader",
      "leaseTransitions",
      "evidence",
      "marks",
      "attempts",
      "history",
      "plan",
      "hasActed",
      "isReleaseOverdue",
      "identity",
    ],
  },
) as fc.Arbitrary<unknown> as fc.Arbitrary<RepairRecord>;

/** What a server does with a merge patch (RFC 7386). */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

const stored = (status: unknown) =>
  fromNodeRepair({ metadata: { name: "node-1", resourceVersion: "7" }, spec: {}, status });

test("a record that was written over any other reads back as itself", () => {
  fc.assert(
    fc.property(record, record, (before, after) => {
      const status = merge(merge({}, toStatusPatch(before)), toStatusPatch(after));
      expect(stored(JSON.parse(JSON.stringify(status)))).toEqual({ kind: "record", record: after });
    }),
    { numRuns: 1_000 },
  );
});

test("no list of a status patch holds a null", () => {
  fc.assert(
    fc.property(record, (any) => {
      const lists = Object.values(toStatusPatch(any)).filter(Array.isArray);
      expect(lists.flatMap((list) => list.flatMap((item) => Object.values(item)))).not.toContain(null);
    }),
  );
});

test("any JSON in the status is either a record or unreadable with a path, never an exception", () => {
  const key = fc.constantFrom(...Object.keys(toStatusPatch(fc.sample(record, 1)[0]!)));
  fc.assert(
    fc.property(record, key, fc.jsonValue(), (good, spoilt, nonsense) => {
      const status = { ...(merge({}, toStatusPatch(good)) as object), [spoilt]: nonsense };
      const read = stored(status);
      if (read.kind === "unreadable") expect(read.unreadable.problem).toMatch(/^status\b/);
      else expect(read.record.node).toBe("node-1");
    }),
    { numRuns: 1_000 },
  );
});
