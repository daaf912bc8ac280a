import { expect, test } from "vitest";
import { progressKeys, Sights } from "../../../src/engine/sights.ts";
import { record } from "../../support/core-builders.ts";

const at = (monoMs: number) => ({ monoMs, wallMs: 0 });

test("a fact's age counts from its first sight and is forgotten when it stops being true", () => {
  const sights = new Sights();
  sights.note("n1", { well: true }, at(1_000));
  expect(sights.note("n1", { well: true }, at(4_000))("well")).toBe(3_000);
  expect(sights.note("n1", { well: false }, at(5_000))("well")).toBe(0);
  expect(sights.note("n1", { well: true }, at(6_000))("well")).toBe(0);
});

test("nodes share no ages", () => {
  const sights = new Sights();
  sights.note("n1", { well: true }, at(0));
  expect(sights.note("n2", { well: true }, at(5_000))("well")).toBe(0);
});

test("time without a read for more than 15 s counts towards no age; a shorter gap does", () => {
  const sights = new Sights();
  sights.readAt(0);
  sights.note("n1", { phase: true }, at(0));
  sights.readAt(15_000);
  expect(sights.note("n1", { phase: true }, at(15_000))("phase")).toBe(15_000);
  sights.readAt(300_000);
  expect(sights.note("n1", { phase: true }, at(300_000))("phase")).toBe(15_000);
});

test("another phase, attempt, intent or result is another fact", () => {
  const keys = progressKeys(record({ phase: "Fencing" }));
  expect(progressKeys(record({ phase: "Releasing" })).phase).not.toBe(keys.phase);
  expect(progressKeys(record({ phase: "Fencing", attempt: 2 })).phase).not.toBe(keys.phase);
});

test("a rung's time runs from its first act of this attempt, not while a pause keeps the machine off", () => {
  const intent = (id: string, effect: "power-on" | "taint") => ({
    intent: { effect, id, startedAtWallMs: 0, deadlineMs: 1 },
  });
  const rung = (changes: object) => progressKeys(record(changes)).rung;
  expect(rung({ phase: "Restoring", ...intent("r1/power-cycle-1/taint-1", "taint") })).toBe("");
  expect(rung({ phase: "Restoring", attempt: 2, ...intent("r1/power-cycle-1/power-on-1", "power-on") })).toBe("");
  const running = rung({ phase: "Restoring", ...intent("r1/power-cycle-1/power-on-1", "power-on") });
  expect(running).not.toBe("");
  expect(rung({ phase: "Recovering" })).toBe(running);
});
