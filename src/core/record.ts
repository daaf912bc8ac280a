import type { Remedy } from "./errors.ts";
import type { MachineId, NodeName, NodeUid, PowerState, Rung } from "./model.ts";
import type { WallMs } from "./time.ts";

/**
 * Layout of `NodeRepair.status` that this program writes. A record with a higher number is left alone.
 *
 * It grows only when an older program would do wrong with what is written. The phases of a repair did not raise it:
 * they are told to people and decide nothing. A program that does not know them drops them from the history that it
 * writes and leaves the present ones as they were, so `phasesOf` heeds only those of the present repair.
 */
export const recordVersion = 1;

export const workPhases = [
  "Cordoning",
  "Draining",
  "Fencing",
  "Releasing",
  "Restoring",
  "Recovering",
  "Unfencing",
] as const;
export const outcomes = ["Healed", "Recovered", "Held"] as const;
export type WorkPhase = (typeof workPhases)[number];
/** `Healed`: brought back by us. `Recovered`: came back by itself. `Held`: waits for a person or for the node itself. */
export type Outcome = (typeof outcomes)[number];
export type Phase = WorkPhase | Outcome;

/** How a repair began. `silent`: kubelet Lease stands still. `living`: the kubelet still answers. `unproven`: no provider. */
export type RepairMode = "silent" | "living" | "unproven";

export const effects = [
  "cordon",
  "drain",
  "power-off",
  "taint",
  "force-delete",
  "power-on",
  "soft-reboot",
  "hard-reboot",
  "rebuild",
  "replace",
  "delete-node",
  "untaint",
  "uncordon",
] as const;
/** One act on the world. Each is written into the record as an intent before it runs. */
export type Effect = (typeof effects)[number];

export interface Intent {
  readonly effect: Effect;
  readonly id: string;
  readonly startedAtWallMs: WallMs;
  /** How long its doer may be at it. A successor waits this long from its own first sight before it judges. */
  readonly deadlineMs: number;
}

export interface EffectResult {
  readonly effect: Effect;
  readonly id: string;
  readonly outcome: "done" | "failed" | "unknown";
  readonly message: string;
  /** What the adapter that understood the failure allows next; absent when done. */
  readonly remedy?: Remedy;
  readonly endedAtWallMs: WallMs;
}

export interface Evidence {
  readonly source: string;
  readonly machine: MachineId;
  readonly value: PowerState | "confirmed-off-by-person" | "unproven";
  readonly text: string;
  readonly readAtWallMs: WallMs;
}

/** What we changed on the Node, with the state before. */
export interface Marks {
  readonly cordon?: { readonly wasUnschedulable: boolean; readonly atWallMs: WallMs };
  readonly outOfService?: { readonly atWallMs: WallMs };
}

/** What stands in the Node's annotation aceso.dev/marks: enough to make a lost record anew. */
export interface NodeMarks {
  readonly repairId: string;
  readonly bootID: string;
  readonly marks: Marks;
}

/** The machine and Node that this repair is about, frozen at its start. */
export interface Identity {
  readonly nodeUid: NodeUid;
  readonly providerID: string;
  readonly systemUUID: string;
  readonly machine?: MachineId;
  readonly bootID: string;
}

export interface Attempt {
  readonly rung: Rung;
  readonly count: number;
  readonly lastAtWallMs: WallMs;
}

/** A phase that a repair entered. It ends where the next one begins. */
export interface EnteredPhase {
  readonly phase: Phase;
  readonly startedAtWallMs: WallMs;
}

export interface HistoryEntry {
  readonly startedAtWallMs: WallMs;
  readonly endedAtWallMs: WallMs;
  readonly outcome: Outcome;
  readonly rung?: Rung;
  readonly reason: string;
  /** In order, the newest 16; absent in entries made before phases were kept. */
  readonly phases?: readonly EnteredPhase[];
}

/** Limits as they were when the repair began: a change of the configuration does not change a repair under way. */
export interface RepairPlan {
  readonly mode: RepairMode;
  readonly ladder: readonly Rung[];
  /** True when the machine was found off and not by our act: switching it on waits for the checks' countdown. */
  readonly foundOff: boolean;
  /** A person asked for it: a healthy node is no reason to stop. */
  readonly isRequested: boolean;
  readonly drainTimeoutMs: number;
  readonly powerOffTimeoutMs: number;
  readonly releaseTimeoutMs: number;
  readonly rungTimeoutMs: number;
  readonly rebootTimeoutMs: number;
  readonly recoveryHoldMs: number;
  readonly requireReboot: boolean;
}

/** `repairId` of a request made while no repair was under way: the boot ID alone says what is meant. */
export const noRepairId = "none";

export type RequestKind = "repair" | "release-hold" | "confirm-off";

/** What a person asked for through the CLI (spec.request). Answered once. */
export interface RepairRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly repairId?: string;
  readonly bootId?: string;
  /** Absent: nobody said, or it cannot be read. */
  readonly askedAtWallMs?: WallMs;
}

/** Written with the intent of `replace`. */
export interface AskedReplacement {
  readonly machine: MachineId;
  /** The provider's own text, read right before the act. */
  readonly plan: string;
  readonly atWallMs: WallMs;
  /** The machine that takes its place, as soon as the owner names it. */
  readonly successor?: MachineId;
}

/** `NodeRepair.spec`: people's part. */
export interface RepairWishes {
  readonly request?: RepairRequest;
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly paused?: boolean;
}

/** `NodeRepair.status`: the engine's part, the journal of one node. Survives Node, leader and repair. */
export interface RepairRecord {
  readonly node: NodeName;
  /** Of the NodeRepair object, sent back with each write. */
  readonly resourceVersion: string;
  /** Of the NodeRepair object, for those who refer to it. */
  readonly objectUid?: string;
  /** When the NodeRepair object was made, by the API server's clock: one from a backup was made when it was restored. */
  readonly objectCreatedAtWallMs?: WallMs;
  readonly wishes: RepairWishes;
  readonly version: number;
  /** Of this repair; also in the Node's marks. Empty while no repair was ever begun. */
  readonly id: string;
  readonly handledRequest?: string;
  /** The last request that was refused: it was answered, too, with a sentence for people. */
  readonly refusedRequest?: { readonly id: string; readonly because: string };
  /** Undefined while no repair was ever begun on this node. */
  readonly phase?: Phase;
  readonly outcome?: Outcome;
  readonly rung?: Rung;
  /** Attempt at this rung within this repair's budget, from 1. */
  readonly attempt: number;
  /** Machine-readable: a hold reason, or why the phase was entered. */
  readonly reason: string;
  readonly message: string;
  readonly startedAtWallMs: WallMs;
  readonly phaseStartedAtWallMs: WallMs;
  /** Phases of the present or last repair, in order, the newest 16; see `phasesOf`. */
  readonly phases?: readonly EnteredPhase[];
  readonly leader: string;
  readonly leaseTransitions: number;
  readonly plan?: RepairPlan;
  readonly intent?: Intent;
  readonly result?: EffectResult;
  /** Newest last, at most 5. */
  readonly evidence: readonly Evidence[];
  readonly marks: Marks;
  readonly identity?: Identity;
  readonly attempts: readonly Attempt[];
  /** True from the first destructive intent of this repair on. */
  readonly hasActed: boolean;
  /** True while the present hold or phase was announced by a release alarm. */
  readonly isReleaseOverdue: boolean;
  /** The replacement that was asked for last: enough for any leader to tell whether it took place. */
  readonly replacement?: AskedReplacement;
  /** A power-off that was asked for and never seen carried out: it may still come, also after this repair. */
  readonly pendingOff?: { readonly machine: MachineId; readonly askedAtWallMs: WallMs };
  /** A person's word that the machine is off (request `confirm-off`). */
  readonly confirmedOff?: { readonly bootID: string; readonly atWallMs: WallMs };
  /** Newest last, at most 20. */
  readonly history: readonly HistoryEntry[];
}

export function isActive(record: RepairRecord | undefined): boolean {
  return record?.phase !== undefined && (workPhases as readonly string[]).includes(record.phase);
}

/** Whether an effect was begun and nobody wrote how it ended. */
export function openIntent(record: RepairRecord): Intent | undefined {
  return record.intent !== undefined && record.intent.id !== record.result?.id ? record.intent : undefined;
}
