import { describe, expect, test } from "vitest";
import type { WardRepairNow } from "../../../src/http/ward.ts";
import { ladderOf, stepsOf } from "../../../src/page/repair-steps.ts";
import { around, releasingPatient } from "../../support/ward-builders.ts";

const at = around(Date.UTC(2026, 0, 1));
const releasing = releasingPatient(at, "worker-1").repair as WardRepairNow;
const told = (repair: WardRepairNow) => stepsOf(repair).map(({ phase, place }) => `${phase} ${place}`);

describe("the phases of a repair", () => {
  test("are those that were, the one that is, and those to come", () => {
    expect(told(releasing)).toEqual([
      "Cordoning done",
      "Fencing done",
      "Releasing now",
      "Restoring ahead",
      "Recovering ahead",
      "Unfencing ahead",
    ]);
  });

  test("of a reboot hold neither fencing nor releasing", () => {
    const phases = [{ phase: "Draining", startedAt: at(0), endedAt: null }] as const;
    expect(told({ ...releasing, phase: "Draining", rung: "soft-reboot", phases })).toEqual([
      "Draining now",
      "Restoring ahead",
      "Recovering ahead",
      "Unfencing ahead",
    ]);
  });

  test("of a repair without a provider are not restored by us", () => {
    expect(told({ ...releasing, rung: null }).slice(3)).toEqual(["Recovering ahead", "Unfencing ahead"]);
  });

  test("end at a hold", () => {
    const phases = [{ phase: "Held", startedAt: at(0), endedAt: null }] as const;
    expect(told({ ...releasing, phase: "Held", phases })).toEqual(["Held now"]);
  });

  test("of a record that kept none are at least the present one", () => {
    expect(told({ ...releasing, phases: [] })[0]).toBe("Releasing now");
  });
});

test("the ladder shows what was tried and what is left", () => {
  const ladder = ["soft-reboot", "power-cycle", "rebuild"] as const;
  expect(ladderOf({ ...releasing, ladder }).map(({ place }) => place)).toEqual(["done", "now", "ahead"]);
  expect(ladderOf({ ...releasing, ladder, rung: null }).map(({ place }) => place)).toEqual(["ahead", "ahead", "ahead"]);
});
