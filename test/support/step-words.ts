import type { EffectResult, RepairRecord } from "../../src/core/record.ts";
import { nextStep } from "../../src/core/repair-machine.ts";
import type { Seen, Situation, Step } from "../../src/core/step.ts";
import { minuteMs } from "../../src/core/time.ts";
import { situation } from "./core-builders.ts";

type More = Partial<Pick<Situation, "policy" | "guard">>;
/** A name, the step in words, and what of record, world and guards differs from a silent node that is cordoned. */
export type Row = readonly [string, string, Partial<RepairRecord>, Partial<Seen>, More?];

/** A step in a few words: `run cordon`, `enter Fencing`, `end Held reboot-it`, `hold countdown`, `wait`. */
function words(step: Step | undefined): string {
  switch (step?.kind) {
    case "run":
      return `run ${step.effect}`;
    case "enter":
      return `enter ${step.phase}${step.isAlarm === true ? " with alarm" : ""}`;
    case "end":
      return `end ${step.outcome} ${step.reason}`;
    case "hold":
      return `hold ${step.hold.reason}`;
    case "next-rung":
      return step.isSkippingRung ? "next rung, skipping" : "next rung";
    default:
      return step?.kind ?? "nothing";
  }
}

/** The next step in words. */
export const step = (record?: Partial<RepairRecord>, seen?: Partial<Seen>, more?: More): string =>
  words(nextStep(situation(record, seen, more)));

/** Intent and result of an effect in the first power cycle. */
export function result(effect: EffectResult["effect"], changes: Partial<EffectResult> = {}): Partial<RepairRecord> {
  const id = `r1/power-cycle-1/${effect}-1`;
  const its: EffectResult = { effect, id, outcome: "done", message: "said so", endedAtWallMs: 0, ...changes };
  return { intent: { effect, id, startedAtWallMs: 0, deadlineMs: minuteMs }, result: its };
}

/** An intent whose end nobody wrote; its doer may be at it for a minute. */
export const open = (effect: EffectResult["effect"]): Partial<RepairRecord> => {
  const { result: _none, ...intent } = result(effect);
  return intent;
};

export const failed = (remedy: "retry" | "give-up" | "ask-operator") => ({ outcome: "failed", remedy }) as const;
