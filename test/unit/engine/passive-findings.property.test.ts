import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeFacts } from "../../../src/core/model.ts";
import { PassiveFindings } from "../../../src/engine/passive-findings.ts";
import type { CheckResult } from "../../../src/plugin-api/health-check.ts";
import { node } from "../../support/core-builders.ts";
import { quietLog, quietMeter } from "../../support/quiet-ports.ts";

const checks = ["A", "B"];
const names = ["a", "b"];

/** What a check says of a node in one round: a time counts back from now, "throws" is a bug of the check. */
const said = fc.oneof(fc.constantFrom("pass", "unknown", "throws", "fail", "fail"), fc.integer({ min: 0, max: 50 }));
const round = fc.record({
  saysOf: fc.array(said, { minLength: 4, maxLength: 4 }),
  isThere: fc.array(
    fc.integer({ min: 0, max: 4 }).map((it) => it > 0),
    { minLength: 2, maxLength: 2 },
  ),
  isNew: fc.integer({ min: 0, max: 5 }).map((it) => it === 0),
  isRestart: fc.integer({ min: 0, max: 9 }).map((it) => it === 0),
});

test("each check of each Node fails since its first failure without a break, or since when it says itself", () => {
  fc.assert(
    fc.property(fc.array(round, { maxLength: 12 }), (rounds) => {
      let says = (_check: number, _of: NodeFacts): CheckResult => ({ verdict: "pass", message: "" });
      const specs = checks.map((id, index) => {
        const check = { evaluate: (of: NodeFacts) => says(index, of) };
        return { id, role: "worker", unhealthyDurationMs: 1, check } as const;
      });
      const passive = new PassiveFindings(specs, quietLog, quietMeter);
      // plainly: one time for each Node and check
      const since = new Map<string, number>();
      let uid = 0;
      rounds.forEach(({ saysOf, isThere, isNew, isRestart }, turn) => {
        const monoMs = 1_000 + turn * 10;
        if (isNew) uid += 1;
        if (isRestart) {
          passive.restart();
          since.clear();
        }
        const nodes = names.filter((_, index) => isThere[index]).map((name) => node(name, { uid: `${name}-${uid}` }));
        const wordOf = (check: number, of: NodeFacts) => saysOf[check * 2 + names.indexOf(of.name)];
        says = (check, of) => {
          const word = wordOf(check, of);
          if (word === "throws") throw new Error("bug");
          if (typeof word === "number") return { verdict: "fail", message: "", sinceMonoMs: monoMs - word };
          return { verdict: word as "pass", message: "" };
        };
        const found = passive.findings(nodes, () => undefined, { monoMs, wallMs: 0 });
        const failing = nodes.flatMap((of) =>
          checks.flatMap((id, check) => {
            const word = wordOf(check, of);
            return word === "fail" || typeof word === "number" ? [{ of, id, key: `${of.uid}/${id}`, word }] : [];
          }),
        );
        for (const key of since.keys()) if (!failing.some((it) => it.key === key)) since.delete(key);
        for (const { key, word } of failing) {
          const its = typeof word === "number" ? monoMs - word : monoMs;
          since.set(key, Math.min(its, since.get(key) ?? monoMs));
        }
        const told = [...found].flatMap(([name, its]) => its.map((it) => [name, it.check, it.sinceMonoMs]));
        expect(told).toEqual(failing.map(({ of, id, key }) => [of.name, id, since.get(key)]));
      });
    }),
    { numRuns: 1_000 },
  );
});
