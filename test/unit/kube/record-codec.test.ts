import { describe, expect, test } from "vitest";
import { fromNodeRepair } from "../../../src/kube/record-codec.ts";

const object = (status?: unknown, spec: unknown = {}) => ({
  metadata: { name: "n1", resourceVersion: "3" },
  spec,
  status,
});

describe("a NodeRepair", () => {
  test("without a status is a record on which no repair was begun", () => {
    const read = fromNodeRepair(object());
    expect(read).toMatchObject({ kind: "record", record: { node: "n1", resourceVersion: "3", id: "", history: [] } });
    expect(read.kind === "record" && read.record.phase).toBe(undefined);
  });

  test("of a newer layout is left alone", () => {
    expect(fromNodeRepair(object({ version: 2, phase: "Levitating" }))).toMatchObject({
      kind: "unreadable",
      unreadable: { isNewer: true },
    });
  });

  test.each([
    [{ phase: "Levitating" }, "status.phase: expected one of Cordoning"],
    [{ phase: "Fencing" }, "status.plan: expected in phase Fencing"],
    [{ startedAt: "yesterday" }, "status.startedAt: expected a time"],
    [{ attempts: [{ rung: "power-cycle", count: -1, lastAt: "2026-01-01T00:00:00Z" }] }, "status.attempts[0].count"],
    [{ evidence: "off" }, "status.evidence: expected a list"],
    ["Healed", "status: expected an object"],
  ])("edited into %j is unreadable and says where", (status, problem) => {
    const read = fromNodeRepair(object(status));
    expect(read).toMatchObject({
      kind: "unreadable",
      unreadable: { node: "n1", resourceVersion: "3", isNewer: false },
    });
    expect(read.kind === "unreadable" && read.unreadable.problem).toContain(problem);
  });

  test("carries people's wishes", () => {
    const spec = {
      request: { id: "r1", kind: "confirm-off", bootId: "b" },
      reason: "dead PSU",
      requestedBy: "ann",
      paused: false,
    };
    expect(fromNodeRepair(object({}, spec))).toMatchObject({ record: { wishes: spec } });
  });

  test("with a wish that makes no sense is still a record, and an unreadable pause pauses", () => {
    const read = fromNodeRepair(object({}, { request: { kind: "explode" }, paused: "perhaps" }));
    expect(read.kind === "record" && read.record.wishes).toEqual({ paused: true });
  });
});
