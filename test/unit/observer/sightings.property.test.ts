import fc from "fast-check";
import { expect, test } from "vitest";
import { publishAtMs } from "../../../src/observer/publication.ts";
import { nextSighting, type Sighting, suspectsSelf, toReport } from "../../../src/observer/sightings.ts";

const who = { node: "self", instance: "self-1", intervalMs: 10_000 };
const verdict = fc.constantFrom("pass", "fail", "unknown" as const);
const sighting = fc.record({
  node: fc.constantFrom("a", "b", "c", "d", "e"),
  nodeUid: fc.constant("u"),
  check: fc.constantFrom("Endpoint", "Endpoint#2", "mute"),
  verdict,
  message: fc.string(),
  sinceWallMs: fc.nat(),
}) as fc.Arbitrary<Sighting>;
const sightings = fc.uniqueArray(sighting, { selector: ({ node, check }) => `${node} ${check}`, maxLength: 15 });

test("the order of the sights does not change the report", () => {
  fc.assert(
    fc.property(sightings, (list) => {
      expect(toReport([...list].reverse(), who, 5)).toEqual(toReport(list, who, 5));
    }),
    { numRuns: 1_000 },
  );
});

test("every sight is in exactly one place: failing, unknown, or left out because it passed", () => {
  fc.assert(
    fc.property(sightings, (list) => {
      const report = toReport(list, who, 5);
      const key = ({ node, check }: { node: string; check: string }) => `${node} ${check}`;
      const failing = report.failing.map(key);
      const unknown = report.unknown.map(key);
      for (const seen of list) {
        expect(failing.includes(key(seen))).toBe(seen.verdict === "fail");
        expect(unknown.includes(key(seen))).toBe(seen.verdict === "unknown");
      }
      expect(failing.length + unknown.length).toBe(list.filter((seen) => seen.verdict !== "pass").length);
    }),
    { numRuns: 1_000 },
  );
});

test("an observer doubts itself exactly when more than half of at least three targets fail", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), (a, b) => {
      const [failing, all] = [Math.min(a, b), Math.max(a, b)];
      expect(suspectsSelf(failing, all)).toBe(all >= 3 && failing / all > 0.5);
    }),
    { numRuns: 1_000 },
  );
  expect(suspectsSelf(2, 2)).toBe(false);
  expect(suspectsSelf(2, 4)).toBe(false);
  expect(suspectsSelf(2, 3)).toBe(true);
});

test("the time since when is the beginning of the present unbroken run of one verdict", () => {
  fc.assert(
    fc.property(fc.array(verdict, { minLength: 1, maxLength: 20 }), (verdicts) => {
      let last: Sighting | undefined;
      for (const [index, next] of verdicts.entries()) {
        last = nextSighting(last, { node: "a", nodeUid: "u", check: "c", verdict: next, message: "" }, index);
      }
      let begin = verdicts.length - 1;
      while (begin > 0 && verdicts[begin - 1] === verdicts[begin]) begin -= 1;
      expect(last?.sinceWallMs).toBe(begin);
    }),
    { numRuns: 1_000 },
  );
});

test("a report that says the same is due a minute later, another one at once", () => {
  fc.assert(
    fc.property(sightings, sightings, fc.nat(200_000), (before, after, laterMs) => {
      const last = { report: toReport(before, who, 1), atMonoMs: 1_000 };
      const report = toReport(after, who, 2);
      const isSame =
        JSON.stringify([report.failing, report.unknown, report.targets].map(withoutMessages)) ===
        JSON.stringify([last.report.failing, last.report.unknown, last.report.targets].map(withoutMessages));
      expect(publishAtMs(last, report, 1_000 + laterMs)).toBe(isSame ? 61_000 : 1_000 + laterMs);
    }),
    { numRuns: 1_000 },
  );
});

function withoutMessages(part: unknown): unknown {
  return Array.isArray(part) ? part.map((entry: object) => ({ ...entry, message: "" })) : part;
}
