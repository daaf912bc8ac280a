import type { EnteredPhase, Phase, RepairRecord } from "./record.ts";
import type { WallMs } from "./time.ts";

/** A repair of six phases, twice begun anew. What is older is dropped. */
const phasesKept = 16;

type Told = Pick<RepairRecord, "phase" | "phases" | "startedAtWallMs" | "phaseStartedAtWallMs">;

/**
 * Phases of the present repair, in order; its present phase is always the last while it is at work or held. Whatever
 * else stands there was left by a program that does not keep phases.
 */
export function phasesOf(record: Told): readonly EnteredPhase[] {
  const { phase, phases = [], startedAtWallMs, phaseStartedAtWallMs } = record;
  const ours = phases.filter((it) => it.startedAtWallMs >= startedAtWallMs);
  if (phase === undefined || phase === "Healed" || phase === "Recovered") return ours;
  if (ours.at(-1)?.phase === phase && ours.at(-1)?.startedAtWallMs === phaseStartedAtWallMs) return ours;
  return [...ours, { phase, startedAtWallMs: phaseStartedAtWallMs }].slice(-phasesKept);
}

/** The phases with one more. */
export function withPhase(record: Told, phase: Phase, wallMs: WallMs): readonly EnteredPhase[] {
  return [...phasesOf(record), { phase, startedAtWallMs: wallMs }].slice(-phasesKept);
}
