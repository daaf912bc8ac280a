import type { MachineId, PowerReading, PowerState } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { PowerAnswer } from "../plugin-api/provider.ts";
import { NonsenseError, shown } from "./plugin-answer.ts";

const powers: readonly PowerState[] = ["on", "off", "changing", "unknown"];
const mostText = 256;

/**
 * A plugin's answer, whose word on its types is not enough: a reading of `off` is proof.
 *
 * @throws NonsenseError when it is none
 */
export function powerAnswerOf(answer: unknown, provider: string, machine: MachineId): PowerAnswer {
  const { power, text, failedAct, fault } = (answer ?? {}) as Partial<Record<keyof PowerAnswer, unknown>>;
  const known = powers.find((it) => it === power);
  if (known !== undefined && typeof text === "string") {
    return {
      power: known,
      text,
      ...(typeof failedAct === "string" && { failedAct: failedAct.slice(0, mostText) }),
      ...(typeof fault === "string" && { fault: fault.slice(0, mostText) }),
    };
  }
  throw new NonsenseError(
    `${provider} answered ${shown(answer)} for ${machine}; power must be one of ${powers.join(", ")}, and text a text`,
  );
}

/** An answer as evidence: who said it of what, and when. */
export function readingOf(
  answer: PowerAnswer,
  source: string,
  machine: MachineId,
  askedAtMonoMs: number,
  now: Now,
): PowerReading {
  return {
    source,
    machine,
    ...answer,
    text: answer.text.slice(0, mostText),
    askedAtMonoMs,
    readAtMonoMs: now.monoMs,
    readAtWallMs: now.wallMs,
  };
}
