import fc from "fast-check";
import { expect, test } from "vitest";
import { workPhases } from "../../../src/core/record.ts";
import { type Loss, remainingMs, stages } from "../../demo/estimate.ts";

test("the stages are noticing and the phases of a repair of a silent node", () => {
  expect(stages.slice(1)).toEqual(workPhases.filter((phase) => phase !== "Draining"));
});

test("the later it is, the less remains, and never nothing", () => {
  const loss = fc.constantFrom<Loss>("off", "hung");
  const moment = fc.record({ stage: fc.nat(stages.length - 1), spentMs: fc.nat(60_000) });
  fc.assert(
    fc.property(loss, moment, moment, (how, one, other) => {
      const [early, late] = one.stage < other.stage ? [one, other] : [other, one];
      const left = (it: typeof one) => remainingMs(how, stages[it.stage] ?? "", it.spentMs);
      expect(left(late)).toBeGreaterThan(0);
      if (early.stage < late.stage) expect(left(late)).toBeLessThan(left({ ...early, spentMs: 0 }));
      const isLater = early.stage === late.stage && early.spentMs <= late.spentMs;
      if (isLater) expect(left(late)).toBeLessThanOrEqual(left(early));
    }),
    { numRuns: 1_000 },
  );
});
