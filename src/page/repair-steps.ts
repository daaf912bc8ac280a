import type { Rung } from "../core/model.ts";
import { type Phase, workPhases } from "../core/record.ts";
import type { WardRepairNow } from "../http/ward.ts";

/** One phase of a repair under way. */
export interface Step {
  /** Phases come again when a further rung begins. */
  readonly key: string;
  readonly phase: Phase;
  readonly place: "done" | "now" | "ahead";
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
}

/** One rung of the ladder. */
export interface LadderStep {
  readonly rung: Rung;
  readonly place: "done" | "now" | "ahead";
}

const rebooted: ReadonlySet<Phase> = new Set(["Cordoning", "Draining", "Restoring", "Recovering", "Unfencing"]);
const fenced: ReadonlySet<Phase> = new Set([
  "Cordoning",
  "Fencing",
  "Releasing",
  "Restoring",
  "Recovering",
  "Unfencing",
]);
/** Fenced without a provider: a person brings the machine back. */
const local: ReadonlySet<Phase> = new Set(["Cordoning", "Releasing", "Recovering", "Unfencing"]);

/** The phases that were, the one that is, and those that come if all goes well. */
export function stepsOf({ phase, phases, phaseStartedAt, rung }: WardRepairNow): Step[] {
  const known = phases.length > 0 ? phases : [{ phase, startedAt: phaseStartedAt, endedAt: null }];
  const been = known.map(
    (each, index): Step => ({
      key: `${index}`,
      phase: each.phase,
      place: each.endedAt === null ? "now" : "done",
      startedAt: each.startedAt,
      endedAt: each.endedAt ?? undefined,
    }),
  );
  return [...been, ...aheadOf(phase, rung)];
}

function aheadOf(phase: Phase, rung: Rung | null): Step[] {
  const order: readonly Phase[] = workPhases;
  const at = order.indexOf(phase);
  // an outcome: nothing follows by itself
  if (at === -1) return [];
  const route = rung === null ? local : rung === "soft-reboot" || rung === "hard-reboot" ? rebooted : fenced;
  return order
    .slice(at + 1)
    .filter((each) => route.has(each))
    .map((each) => ({ key: `ahead ${each}`, phase: each, place: "ahead", startedAt: undefined, endedAt: undefined }));
}

/** The ladder, and where on it the repair stands. */
export function ladderOf({ ladder, rung }: WardRepairNow): LadderStep[] {
  const at = rung === null ? -1 : ladder.indexOf(rung);
  return ladder.map((each, index) => ({ rung: each, place: index < at ? "done" : index === at ? "now" : "ahead" }));
}
