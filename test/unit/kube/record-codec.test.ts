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

  test.each([
    ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00:00.5+01:00", Date.UTC(2026, 0, 31, 11, 0, 0, 500)],
    ["this morning", undefined],
    [1_769_860_800, undefined],
    [undefined, undefined],
  ])("with a request asked at %j tells the time, or keeps the request and knows of none", (askedAt, askedAtWallMs) => {
    const read = fromNodeRepair(object({}, { request: { id: "q1", kind: "repair", askedAt } }));
    const time = askedAtWallMs === undefined ? {} : { askedAtWallMs };
    expect(read.kind === "record" && read.record.wishes.request).toEqual({ id: "q1", kind: "repair", ...time });
  });

  test("tells when the object was made", () => {
    const metadata = { name: "n1", creationTimestamp: "2026-01-31T12:00:00Z" };
    expect(fromNodeRepair({ metadata })).toMatchObject({
      record: { objectCreatedAtWallMs: Date.UTC(2026, 0, 31, 12) },
    });
  });

  test("whose refusal makes no sense is still a record", () => {
    const read = fromNodeRepair(object({ handledRequest: "q1", refusedRequest: "q1" }));
    expect(read.kind === "record" && [read.record.handledRequest, read.record.refusedRequest]).toEqual([
      "q1",
      undefined,
    ]);
  });

  test("with a wish that makes no sense is still a record, and an unreadable pause pauses", () => {
    const read = fromNodeRepair(object({}, { request: { kind: "explode" }, paused: "perhaps" }));
    expect(read.kind === "record" && read.record.wishes).toEqual({ paused: true });
  });
});
