import { durations, offReadIntervalMs } from "./durations.ts";

/** How a machine was lost: its plug was pulled, or it hangs and must be switched off first. */
export type Loss = "off" | "hung";

/** Stage before there is a repair. */
export const noticing = "Noticing";

const { silenceMs, countdownMs, leaseIntervalMs, powerOffMs, detachMs, bootMs, recoveryHoldMs } = durations;
/** Journal writes and starts of the provider's program. */
const overheadMs = 500;
/** Proof takes two reads. */
const proofMs = offReadIntervalMs + overheadMs;
const releaseMs = detachMs + 2 * overheadMs;
/** Aceso looks again at a step that it holds back, here for the countdown, after this long. */
const holdLookMs = 10_000;
const countdownLeftMs = Math.max(0, countdownMs - silenceMs - proofMs - releaseMs);

/** Expected time of each stage, in order, from the known durations. */
const expected: Readonly<Record<Loss, Readonly<Record<string, number>>>> = {
  off: {
    [noticing]: leaseIntervalMs + silenceMs + proofMs,
    Cordoning: overheadMs,
    Fencing: overheadMs,
    Releasing: releaseMs,
    Restoring: Math.ceil(countdownLeftMs / holdLookMs) * holdLookMs + overheadMs,
    Recovering: bootMs + overheadMs,
    Unfencing: recoveryHoldMs + overheadMs,
  },
  hung: {
    [noticing]: leaseIntervalMs + countdownMs,
    Cordoning: overheadMs,
    Fencing: powerOffMs + proofMs + 2 * overheadMs,
    Releasing: releaseMs,
    Restoring: 2 * overheadMs,
    Recovering: bootMs + overheadMs,
    Unfencing: recoveryHoldMs + overheadMs,
  },
};

/** Stages in their order, `noticing` first. */
export const stages: readonly string[] = Object.keys(expected.off);

/**
 * Milliseconds until the node is back, at least half a second while anything is left to do.
 *
 * @param stage the present one @param spentMs in it so far
 */
export function remainingMs(loss: Loss, stage: string, spentMs: number): number {
  const from = stages.indexOf(stage);
  const later = stages.slice(from + 1).reduce((sum, each) => sum + (expected[loss][each] ?? 0), 0);
  return later + Math.max(overheadMs, (expected[loss][stage] ?? 0) - spentMs);
}
