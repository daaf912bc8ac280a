import { messageOf } from "../core/errors.ts";
import type { ProbeResult, ProbingCheck } from "../plugin-api/index.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProbeTarget } from "../ports/reports.ts";
import { aborted } from "../util/aborted.ts";

/** How a plugin broke its contract. */
export type ProbeFault = "overrun" | "throw" | "nonsense";

export interface ProbeOutcome {
  readonly result: ProbeResult;
  readonly fault?: ProbeFault;
  /** Resolves when the plugin's promise ends; already resolved but after an overrun. Never rejects. */
  readonly settled: Promise<void>;
}

/** How long a probe may go on after its timeout before it is given up. */
export const overrunMs = 1_000;
const maxMessageChars = 256;
const verdicts: readonly unknown[] = ["pass", "fail", "unknown"];

/**
 * Runs one probe with its timeout. A plugin that throws, goes on for 1 s after the timeout, or answers nonsense counts
 * as `unknown`. Never throws; ends by the overrun at the latest, and at once when `stop` aborts.
 */
export async function runProbe(
  check: ProbingCheck,
  target: ProbeTarget,
  timeoutMs: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<ProbeOutcome> {
  using deadline = clock.deadline(timeoutMs, stop);
  using late = clock.deadline(timeoutMs + overrunMs, stop);
  const answer = start(check, target, deadline.signal).then(judge, (error): ProbeOutcome => {
    return faulty("throw", `the check threw: ${messageOf(error)}`, Promise.resolve());
  });
  const settled = answer.then(() => {});
  const overrun = aborted(late.signal).then(() =>
    faulty("overrun", `the check went on for ${overrunMs} ms after its timeout of ${timeoutMs} ms`, settled),
  );
  return await Promise.race([answer, overrun]);
}

async function start(check: ProbingCheck, target: ProbeTarget, signal: AbortSignal): Promise<unknown> {
  return await check.probe(target, signal);
}

function judge(value: unknown): ProbeOutcome {
  const { verdict, message, answered } = (
    typeof value === "object" && value !== null ? value : {}
  ) as Partial<ProbeResult>;
  if (!verdicts.includes(verdict) || typeof message !== "string" || typeof answered !== "boolean") {
    return faulty("nonsense", "the check answered something that is no verdict", Promise.resolve());
  }
  const result = { verdict: verdict as ProbeResult["verdict"], message: message.slice(0, maxMessageChars), answered };
  return { result, settled: Promise.resolve() };
}

function faulty(fault: ProbeFault, message: string, settled: Promise<void>): ProbeOutcome {
  return {
    result: { verdict: "unknown", message: message.slice(0, maxMessageChars), answered: false },
    fault,
    settled,
  };
}
