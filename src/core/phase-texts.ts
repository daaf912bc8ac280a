import type { Effect, Phase, RepairPlan, RepairRecord } from "./record.ts";

/** What a phase is doing, what comes after it, and what ends it otherwise. */
export interface PhaseText {
  /** Completes "NODE …". */
  readonly doing: string;
  readonly next: string;
  readonly wouldChange: readonly string[];
}

const recovers = "the node recovers by itself";

/** Every phase there is. */
export const phaseTexts: Readonly<Record<Phase, PhaseText>> = {
  Cordoning: {
    doing: "is being cordoned, so that no new pods come to it",
    next: "Then its pods are moved (living kubelet) or its machine is fenced (silent one).",
    wouldChange: [`${recovers}: then everything is undone`],
  },
  Draining: {
    doing: "is being drained within its pods' disruption budgets",
    next: "Then its machine is restarted. Pods that cannot move in time stay, and the repair goes on.",
    wouldChange: [recovers, "its kubelet falls silent: then the machine is fenced"],
  },
  Fencing: {
    doing: "is being fenced: its machine must read off, twice",
    next: "When it reads off its pods and volumes are freed. If it does not in time, the next rung is tried or it is held.",
    wouldChange: ["the machine reads off", "a person confirms it: aceso confirm-off NODE"],
  },
  Releasing: {
    doing: "is off; its pods and volumes are being freed",
    next: "Then the provider brings the machine back; without a provider a person restarts it.",
    wouldChange: ["the node shows a sign of life: then the taint is taken back at once"],
  },
  Restoring: {
    doing: "is being brought back",
    next: "When the machine reads on the node is waited for; if it does not come on in time, the next rung is tried.",
    wouldChange: ["the machine reads on", "the node boots anew"],
  },
  Recovering: {
    doing:
      "is waited for: it must come back with a new boot ID, or be well for recovery-hold if it was never tainted; or the machine that replaces it must be Ready",
    next: "Then taint and cordon are taken away. If it is still ill when the rung's time is over, the next rung is tried. The Node of a replaced machine is deleted when that machine is gone.",
    wouldChange: ["the node is Ready again", "the rung's time is over"],
  },
  Unfencing: {
    doing: "is back; what Aceso put on it is being taken away",
    next: "The taint goes at once, the cordon when the node was Ready for recovery-hold.",
    wouldChange: ["the node falls ill again"],
  },
  Healed: {
    doing: "was brought back by Aceso and is in service",
    next: "Nothing.",
    wouldChange: ["a check fails, or its kubelet falls silent"],
  },
  Recovered: {
    doing: "came back by itself",
    next: "Nothing.",
    wouldChange: ["a check fails, or its kubelet falls silent"],
  },
  Held: {
    doing: "is held: Aceso waits for a person, or for the node to recover by itself",
    next: "It is returned to service if it recovers by itself; nothing else is done.",
    wouldChange: [recovers, "a person looks, mends it, and runs: aceso repair NODE --release-hold"],
  },
};

/** Every effect, as a person says it. */
export const effectTexts: Readonly<Record<Effect, string>> = {
  cordon: "cordoning the node",
  drain: "evicting its pods",
  "power-off": "switching the machine off",
  taint: "setting the out-of-service taint",
  "force-delete": "deleting the pods of a machine that is off",
  "power-on": "switching the machine on",
  "soft-reboot": "rebooting through the system of the machine",
  "hard-reboot": "resetting the machine",
  rebuild: "rebuilding the machine",
  replace: "replacing the machine",
  "delete-node": "deleting the Node of a machine that is gone",
  untaint: "taking the out-of-service taint away",
  uncordon: "uncordoning the node",
};

/** How long a phase may take, if the plan bounds it. */
export function phaseLimitMs(record: RepairRecord): number | undefined {
  const { plan, phase, rung } = record;
  if (plan === undefined || phase === undefined) return undefined;
  const isReboot = rung === "soft-reboot" || rung === "hard-reboot";
  const limits: Partial<Record<Phase, number>> = {
    Draining: plan.drainTimeoutMs,
    Fencing: plan.powerOffTimeoutMs,
    Releasing: plan.releaseTimeoutMs,
    Restoring: isReboot ? plan.rebootTimeoutMs : plan.rungTimeoutMs,
    // A replacement's owner has its own time limit.
    ...recoveringLimit(plan, rung, isReboot, rung === "replace" && record.replacement !== undefined),
  };
  return limits[phase];
}

/** Without a rung (local fencing) the node is waited for without limit. */
function recoveringLimit(plan: RepairPlan, rung: RepairRecord["rung"], isReboot: boolean, isReplaced: boolean) {
  if (rung === undefined || isReplaced) return {};
  return { Recovering: isReboot ? plan.rebootTimeoutMs : plan.rungTimeoutMs };
}
