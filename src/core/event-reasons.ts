import type { Phase } from "./record.ts";

/** `reason` of every Kubernetes Event that Aceso writes. */
export type EventReason = `Repair${Phase}` | "RepairHeldBack" | "RequestRefused";

/** What an Event tells, for people. */
export interface EventText {
  readonly type: "Normal" | "Warning";
  readonly meaning: string;
  readonly todo: string;
}

const nothing = "Nothing.";

/** Every reason there is, in the order of a repair. */
export const eventReasons: Readonly<Record<EventReason, EventText>> = {
  RepairCordoning: {
    type: "Normal",
    meaning: "A repair begins. The note names the checks that failed, or says that a person asked.",
    todo: "Nothing. To stop it before it fences: aceso pause NODE",
  },
  RepairDraining: {
    type: "Normal",
    meaning: "The kubelet still answers, so the pods are evicted first.",
    todo: "Nothing. Pods that a disruption budget keeps are left after drain-timeout.",
  },
  RepairFencing: {
    type: "Normal",
    meaning: "The machine is being made sure to be off.",
    todo: nothing,
  },
  RepairReleasing: {
    type: "Normal",
    meaning:
      "The machine is off, by the evidence in the note (or unproven, where that is said): its pods and volumes are being freed.",
    todo: nothing,
  },
  RepairRestoring: {
    type: "Normal",
    meaning: "The machine is being brought back: switched on, rebooted, rebuilt or replaced.",
    todo: nothing,
  },
  RepairRecovering: {
    type: "Normal",
    meaning: "The machine is on, or its successor was asked for; the node is waited for.",
    todo: "Nothing. A repair without a provider waits here until somebody restarts the machine.",
  },
  RepairUnfencing: {
    type: "Normal",
    meaning: "The node is back; taint and cordon are being taken away.",
    todo: nothing,
  },
  RepairHealed: {
    type: "Normal",
    meaning: "The node was brought back by Aceso and is in service.",
    todo: "Look for the cause in the machine's own logs, if this is not the first time.",
  },
  RepairRecovered: {
    type: "Normal",
    meaning: "The node came back by itself; what Aceso had put on it is gone.",
    todo: "Look for the cause, if this is not the first time.",
  },
  RepairHeld: {
    type: "Warning",
    meaning: "The repair is over and the node is not back: a person is needed, unless it recovers by itself.",
    todo: "Run: aceso explain NODE. It says why, and what would change it.",
  },
  RepairHeldBack: {
    type: "Warning",
    meaning:
      "For a new reason nothing is done at the moment: either no repair begins on a sick node, or one under way waits. The note has the reason.",
    todo: "Look the reason up above, or run: aceso explain NODE",
  },
  RequestRefused: {
    type: "Warning",
    meaning: "What a person asked for was not done. The note says why; a request that a backup brought back is one.",
    todo: "If it is still wanted, ask again: aceso repair NODE",
  },
};

/** The reason of the Event that tells of a phase. */
export const eventOfPhase = (phase: Phase): EventReason => `Repair${phase}`;
