import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../../src/core/decide.ts";
import type { ObserverView } from "../../../src/core/model.ts";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import { votedFindings } from "../../../src/core/votes.ts";
import { ago, crowd, node, now, observer, sees, view } from "../../support/core-builders.ts";

const patient = node("n1");
const probes = [{ id: "Endpoint", role: "worker" as const, unhealthyDurationMs: minuteMs }];
const bad = (name: string, changes: Partial<ObserverView> = {}, ms = minuteMs) =>
  observer(name, { failing: [sees(patient, "Endpoint", ms)], ...changes });
const good = (name: string, changes: Partial<ObserverView> = {}) => observer(name, changes);
const unsure = (name: string) => good(name, { unknown: [{ node: "n1", check: "Endpoint" }] });

test.each<[string, boolean, readonly ObserverView[], boolean]>([
  ["two of two agree", true, [bad("a"), bad("b")], false],
  ["two of three are more than half", true, [bad("a"), bad("b"), good("c")], false],
  ["one of two is not more than half", false, [bad("a"), good("b")], false],
  ["two of four are not more than half", false, [bad("a"), bad("b"), good("c"), good("d")], false],
  ["one vote is not enough beside an unknown", false, [bad("a"), unsure("b")], true],
  ["unknown is no vote", true, [bad("a"), bad("b"), unsure("c"), unsure("d"), unsure("e")], false],
  ["a single replica counts on a silent node", true, [bad("a")], true],
  ["a single replica does not count on a living node", false, [bad("a")], false],
  ["the node's own replica has no vote", false, [bad("a", { node: "n1" }), bad("b")], true],
  [
    "a stale report is no vote",
    false,
    [bad("a", { changedAtMonoMs: ago(3 * minuteMs + 1) }), bad("b"), good("c")],
    false,
  ],
  [
    "a slow observer's report lives three rounds",
    true,
    [bad("a", { changedAtMonoMs: ago(14 * minuteMs), intervalMs: 5 * minuteMs }), bad("b")],
    false,
  ],
  ["who suspects himself has no vote", false, [bad("a", { suspectsSelf: true }), bad("b"), good("c")], false],
  [
    "a truncated list passes nobody",
    true,
    [bad("a"), bad("b"), good("c", { isTruncated: true }), good("d", { isTruncated: true })],
    false,
  ],
  [
    "a report about an earlier Node of that name does not count",
    false,
    [bad("a", { failing: [{ ...sees(patient, "Endpoint"), nodeUid: "old" }] }), bad("b")],
    false,
  ],
])("%s: counts %s", (_, isFinding, observers, isSilent) => {
  expect(votedFindings(patient, isSilent, observers, probes, now).length === 1).toBe(isFinding);
});

test("a failure began when the majority was complete, not with the first voice", () => {
  const observers = [bad("a", {}, hourMs), bad("b", {}, 30_000), good("c")];
  expect(votedFindings(patient, false, observers, probes, now)[0]?.sinceMonoMs).toBe(ago(30_000));
});

test("a check of the other role is not this node's", () => {
  const masters = [{ id: "Endpoint", role: "master" as const, unhealthyDurationMs: 0 }];
  expect(votedFindings(patient, false, [bad("a"), bad("b")], masters, now)).toEqual([]);
});

test("a single observer's failure never starts anything on a node that is not silent", () => {
  const voices = fc.array(fc.constantFrom("pass", "unknown", "self", "stale"), { maxLength: 5 });
  fc.assert(
    fc.property(voices, fc.nat(hourMs), (others, ms) => {
      const observers = others.map((kind, index) => {
        if (kind === "unknown") return unsure(`o${index}`);
        if (kind === "self") return bad(`o${index}`, { suspectsSelf: true });
        return kind === "stale" ? bad(`o${index}`, { changedAtMonoMs: ago(hourMs) }) : good(`o${index}`);
      });
      const its = view({ nodes: [patient, ...crowd], probes, observers: [bad("lone", {}, ms), ...observers] });
      expect(decide(its, now).actions).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test("unknown never leads to a start", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), (count) => {
      const observers = Array.from({ length: count }, (_, index) => unsure(`o${index}`));
      expect(decide(view({ nodes: [patient, ...crowd], probes, observers }), now).actions).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
