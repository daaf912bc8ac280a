import type { PowerReading, PowerState } from "./model.ts";
import { type MonoMs, type Now, secondMs } from "./time.ts";

/** Two reads must lie at least this far apart (DESIGN promise 1): one read may catch a machine in the middle of a restart. */
export const proofGapMs = 2 * secondMs;
/** A read older than this proves nothing any more. */
export const proofAgeMs = 10 * secondMs;

/** Certainty, for the next few seconds, that a machine is off. */
export interface Proof {
  readonly first: PowerReading;
  readonly last: PowerReading;
}

/**
 * Whether readings prove that a machine is off *now*: the unbroken run of `off` at the end spans the gap, and its last
 * read is fresh. Anything else in between, `unknown` included, breaks the run.
 *
 * @param readings of one machine, oldest first
 * @param gapMs how far apart the two reads must lie: `fencing.off-read-interval`, never less than 2 s
 */
export function proofOfOff(readings: readonly PowerReading[], now: Now, gapMs = proofGapMs): Proof | undefined {
  const last = readings.at(-1);
  if (last === undefined || last.power !== "off" || now.monoMs - last.askedAtMonoMs > proofAgeMs) return undefined;
  const brokenAt = readings.findLastIndex((reading) => reading.power !== "off" || reading.machine !== last.machine);
  const first = readings[brokenAt + 1];
  if (first === undefined || last.askedAtMonoMs - first.readAtMonoMs < Math.max(gapMs, proofGapMs)) return undefined;
  return { first, last };
}

/** The machine's power as last read, or undefined when that read is too old to count. */
export function freshPower(readings: readonly PowerReading[], now: Now): PowerState | undefined {
  const last = readings.at(-1);
  return last !== undefined && now.monoMs - last.askedAtMonoMs <= proofAgeMs ? last.power : undefined;
}

/** When one more read could complete the proof; undefined when none is under way. */
export function nextReadAt(readings: readonly PowerReading[]): MonoMs | undefined {
  const last = readings.at(-1);
  return last?.power === "off" ? last.readAtMonoMs + proofGapMs : undefined;
}
