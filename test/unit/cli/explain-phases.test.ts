import { describe, expect, test } from "vitest";
import { explain } from "../../../src/core/explain.ts";
import { hold } from "../../../src/core/hold.ts";
import { holdAdvice } from "../../../src/core/hold-advice.ts";
import { effectTexts, phaseLimitMs, phaseTexts } from "../../../src/core/phase-texts.ts";
import { effects, outcomes, workPhases } from "../../../src/core/record.ts";
import { minuteMs } from "../../../src/core/time.ts";
import { now, record } from "../../support/core-builders.ts";
import { withIll } from "../../support/ill-node.ts";

describe("phases", () => {
  test.each([...workPhases])("%s: says what is done, what comes next and when its time is over", (phase) => {
    const repair = record({ phase, message: "because of a test" });
    const said = explain(withIll({ records: [repair] }), now, "n1");
    expect(said.state).toBe(phase);
    expect(said.sentence).toBe(`n1 ${phaseTexts[phase].doing}: because of a test.`);
    expect(said.next.what).toBe(phaseTexts[phase].next);
    const limitMs = phaseLimitMs(repair);
    expect(said.next.afterMs).toBe(limitMs === undefined ? undefined : Math.max(0, limitMs - minuteMs));
  });

  test.each([...outcomes])("%s has its text", (outcome) => {
    expect(phaseTexts[outcome].doing).not.toBe("");
  });

  test("a repair that waits for a guard says which", () => {
    const repair = record({
      phase: "Fencing",
      reason: "max-unhealthy",
      message: hold("max-unhealthy", "5 of 9 are ill.").message,
    });
    const said = explain(withIll({ records: [repair] }), now, "n1");
    expect(said.sentence).toContain("is under repair (Fencing) and waits (max-unhealthy)");
    expect(said.sentence).toContain("5 of 9 are ill.");
    expect(said.next.what).toBe(holdAdvice["max-unhealthy"].next);
  });

  test("local fencing waits for the node without a limit", () => {
    const { rung: _rung, ...local } = record({ phase: "Recovering" });
    expect(phaseLimitMs(local)).toBeUndefined();
  });

  test.each([...effects])("the effect %s under way and done is told in words", (effect) => {
    const intent = { effect, id: "r1/x/1", startedAtWallMs: now.wallMs, deadlineMs: minuteMs };
    const result = { effect, id: "r1/x/0", outcome: "failed", message: "no", endedAtWallMs: now.wallMs } as const;
    const facts = explain(withIll({ records: [record({ phase: "Fencing", intent, result })] }), now, "n1").facts.join(
      "\n",
    );
    expect(facts).toContain(`Under way: ${effectTexts[effect]}, for at most 60s more.`);
    expect(facts).toContain(`Last act: ${effectTexts[effect]}, failed 0s ago: no.`);
  });

  test("evidence is named with who said it and when", () => {
    const evidence = [
      { source: "exec", machine: "vm-7", value: "off", text: "status 2", readAtWallMs: now.wallMs - 5_000 },
    ] as const;
    const said = explain(withIll({ records: [record({ phase: "Releasing", evidence })] }), now, "n1");
    expect(said.facts).toContain("Evidence: exec said off of vm-7 5s ago (status 2).");
  });
});
