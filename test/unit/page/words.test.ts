import { describe, expect, test } from "vitest";
import { outcomes, workPhases } from "../../../src/core/record.ts";
import { countdownLabel, stateText, wordsOf } from "../../../src/page/words.ts";

describe("the words for a state", () => {
  test.each([...workPhases, ...outcomes])("%s is known", (phase) => {
    expect(wordsOf(phase).word).toBe(phase);
    expect(wordsOf(phase).tone).not.toBe("ill");
  });

  test("a state that this page does not know is shown as it is, and as one to look at", () => {
    expect(wordsOf("Dreaming")).toEqual({ word: "Dreaming", tone: "ill" });
  });
});

describe("a hold is told with its reason", () => {
  test("of a node that is not touched", () => {
    expect(stateText({ state: "Held", reason: "max-unhealthy" })).toBe("Held: max-unhealthy");
  });

  test("of a repair under way, whose countdown is then that of the wait", () => {
    const waiting = { state: "Restoring", reason: "countdown" };
    expect([stateText(waiting), countdownLabel(waiting)]).toEqual(["Restoring, waits: countdown", "waits for"]);
    const acting = { state: "Restoring", reason: "released" };
    expect([stateText(acting), countdownLabel(acting)]).toEqual(["Restoring", "to be back on within"]);
  });
});
