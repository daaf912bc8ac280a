import { type Hold, type HoldReason, hold } from "./hold.ts";
import type { MachineId, NodeFacts, NodeName, PowerState } from "./model.ts";
import type { Policy } from "./policy.ts";
import type { Proof } from "./proof.ts";
import type { Effect, Identity, Outcome, Phase, RepairPlan, RepairRecord, WorkPhase } from "./record.ts";
import { minuteMs, secondMs } from "./time.ts";

/** What a repair sees of the world: read live for this step, or tracked by this process's own sight. */
export interface Seen {
  /** The Node as read for this step; undefined: it does not exist. */
  readonly node: NodeFacts | undefined;
  readonly isSilent: boolean;
  /** Its Lease was seen to move lately. A leader that has not looked for `silence` yet knows neither this nor silence. */
  readonly isLeaseMoving: boolean;
  readonly isReady: boolean;
  /** A finding fails, due or not; silence is one. */
  readonly isSick: boolean;
  /** Known to be well: Ready, nothing fails, its Lease was seen to move. A new leader knows neither at first. */
  readonly isWell: boolean;
  /** A finding has failed for its unhealthy-duration. */
  readonly isDue: boolean;
  readonly isMute: boolean;
  /** How long the node has been without findings, not silent and Ready, by our own sight; 0 while it is not. */
  readonly healthyForMs: number;
  /** How long the Lease has been moving again since it was silent; 0 while silent. */
  readonly livingForMs: number;
  /** How long every read has shown the Node without any Lease object, by our own sight; 0 while there is one. */
  readonly leaselessForMs: number;
  /** Off, by two fresh reads of this process. */
  readonly proof: Proof | undefined;
  /** The machine's power by a fresh read; undefined: no fresh read. `unreadable`: the provider could not be asked. */
  readonly power: PowerState | "unreadable" | undefined;
  /** The owner's words of that read, or why there was none. */
  readonly powerText: string;
  /** Why our last act on the machine came to nothing, by a read made after it was asked for. */
  readonly failedAct: string | undefined;
  /** How the replacement stands that the record tells of; undefined: there is none, or it was not looked at yet. */
  readonly replacement: ReplacementSeen | undefined;
  /** Pods that an eviction would move (not DaemonSet, mirror, finished or terminating ones). */
  readonly evictablePods: number;
  /** Pods that must be gone before the machine may come back: all but DaemonSet and mirror pods. */
  readonly releasablePods: number;
  /** Of those, the ones that are not even Terminating; without pods that tolerate the taint, which may be new ones. */
  readonly untouchedPods: number;
  /** VolumeAttachments of pods that go. */
  readonly attachments: number;
  /** Time in this phase, at this rung's way back, and since we first saw the open intent: all by our own clock. */
  readonly phaseForMs: number;
  readonly rungForMs: number;
  readonly intentForMs: number;
  /** Since the last result was seen. */
  readonly resultForMs: number;
  /** A person said so (confirm-off), for this boot, less than ten minutes ago. */
  readonly isConfirmedOff: boolean;
}

/** A replacement as its owner tells of it, and its successor as we see it. */
export interface ReplacementSeen {
  readonly state: "not-begun" | "under-way" | "done" | "failed" | "unreadable";
  /** How long every read has said so without a break, by our own clock. */
  readonly stateForMs: number;
  /** Told by two fresh reads at least 2 s apart. */
  readonly isOldGone: boolean;
  readonly successor: MachineId | undefined;
  /** Its Node, confirmed by the provider. */
  readonly successorNode: NodeName | undefined;
  /** How long that Node has been Ready with nothing failing, by our own sight; 0 while it is not. */
  readonly successorHealthyForMs: number;
  readonly text: string;
}

/** What to do next in one repair. */
export type Step =
  | {
      readonly kind: "enter";
      readonly phase: WorkPhase;
      readonly because: string;
      readonly plan?: RepairPlan;
      /** The Node and boot that are being fenced now, where they are not those of the repair's start. */
      readonly identity?: Identity;
      readonly isAlarm?: boolean;
      /** The machine is proven off: no power-off of ours is pending any more. */
      readonly isOffProven?: boolean;
    }
  /** Run one effect; `deadlineMs` bounds it. */
  | { readonly kind: "run"; readonly effect: Effect; readonly deadlineMs: number; readonly because: string }
  /** Begin the next attempt, at the lowest rung with one left. */
  | { readonly kind: "next-rung"; readonly because: string; readonly isSkippingRung: boolean }
  /** Close an intent that nobody finished: its outcome is unknown. */
  | { readonly kind: "settle"; readonly because: string }
  /** Look again after `afterMs`, or sooner when something changes. */
  | { readonly kind: "wait"; readonly afterMs: number; readonly because: string }
  /** Not acting, visible in the record. */
  | { readonly kind: "hold"; readonly hold: Hold }
  | { readonly kind: "end"; readonly outcome: Outcome; readonly reason: string; readonly message: string };

/** What a phase rule is handed. `guard` says why an effect must not run now. */
export interface Situation {
  readonly record: RepairRecord;
  readonly plan: RepairPlan;
  readonly seen: Seen;
  readonly policy: Policy;
  readonly guard: (effect: Effect) => Hold | undefined;
}

/** How often a machine is looked at while its power should change, or a node whose changes are told. */
export const lookMs = 2 * secondMs;
/** Pause before a call that certainly did nothing is tried again. */
export const retryMs = 5 * secondMs;
/** Pause before a write is tried again that lost against another writer. */
const conflictMs = secondMs / 2;
/** A patch of the Node. */
export const patchDeadlineMs = 10 * secondMs;
/** The call that switches a machine on. */
export const powerOnDeadlineMs = minuteMs;
/** The calls that ask for a replacement: some fifteen, one after the other, of services that may take seconds each. */
export const askToReplaceDeadlineMs = 2 * minuteMs;

export const wait = (because: string, afterMs = lookMs): Step => ({ kind: "wait", afterMs, because });

export function enter(phase: WorkPhase, because: string, plan?: RepairPlan): Extract<Step, { kind: "enter" }> {
  return plan === undefined ? { kind: "enter", phase, because } : { kind: "enter", phase, because, plan };
}

/** Runs an effect unless a guard says no, or the same effect came to nothing a moment ago. */
export function runGuarded(it: Situation, effect: Effect, deadlineMs: number, because: string): Step {
  const last = it.record.result;
  if (last?.effect === effect && last.outcome !== "done") {
    const leftMs = (last.remedy === "re-read" ? conflictMs : retryMs) - it.seen.resultForMs;
    if (leftMs > 0) return wait(last.message, leftMs);
  }
  const held = it.guard(effect);
  return held === undefined ? { kind: "run", effect, deadlineMs, because } : { kind: "hold", hold: held };
}

/** The last result, when it is of this effect and was written in this attempt. */
export function resultOf(record: RepairRecord, effect: Effect): RepairRecord["result"] {
  const { result } = record;
  return result?.effect === effect && result.id.startsWith(`${attemptKey(record)}/`) ? result : undefined;
}

/** Prefix of the ids of all intents of one attempt: `<repair>/<rung>-<attempt>`. */
export function attemptKey(record: Pick<RepairRecord, "id" | "rung" | "attempt">): string {
  return `${record.id}/${record.rung ?? "fence"}-${record.attempt}`;
}

/** Whether the machine was restarted since the repair began: another boot ID, or another Node in its place. */
export function isBootedAnew(record: RepairRecord, node: NodeFacts): boolean {
  const { identity } = record;
  if (identity === undefined) return false;
  return node.uid !== identity.nodeUid || (node.bootID !== "" && node.bootID !== identity.bootID);
}

/** Whether another machine than the one that the repair began with stands behind the Node. */
export function isOtherMachine({ record, seen }: Pick<Situation, "record" | "seen">): boolean {
  const { identity } = record;
  const { node } = seen;
  if (identity === undefined || node === undefined) return false;
  if (node.bootID === "" || node.bootID === identity.bootID) return false;
  return node.uid !== identity.nodeUid || node.systemUUID !== identity.systemUUID;
}

/**
 * Enters Releasing. What is off now is the boot that the Node shows now: an earlier attempt may have booted the machine
 * anew, or the node rebooted before it was fenced. Told only here, so that a boot after an earlier fence still unfences.
 * A Node that names another machine than the one that is off is not released by it.
 */
export function enterReleasing(it: Situation, because: string, plan: RepairPlan): Step {
  const { identity } = it.record;
  const { node, proof } = it.seen;
  if (namesOtherMachine(identity, node)) {
    if (isOtherMachine(it)) return enter("Cordoning", "another machine took the Node meanwhile");
    return { kind: "hold", hold: hold("identity-changed", `The Node names ${node?.systemUUID} now.`) };
  }
  const step = { ...enter("Releasing", because, plan), isOffProven: proof !== undefined };
  if (identity === undefined || node === undefined || !isBootedAnew(it.record, node)) return step;
  return { ...step, identity: { ...identity, nodeUid: node.uid, bootID: node.bootID } };
}

function namesOtherMachine(identity: Identity | undefined, node: NodeFacts | undefined): boolean {
  const [frozen, present] = [identity?.systemUUID ?? "", node?.systemUUID ?? ""];
  return frozen !== "" && present !== "" && frozen !== present;
}

/** Whether every attempt at the record's rung is spent before this one: then nothing is switched off any more. */
export function isBeyondBudget({ record, policy }: Situation): boolean {
  return record.rung !== undefined && record.attempt > policy.attempts[record.rung];
}

/** Whether the last act came to its deadline before the owner could be asked for it: that says nothing of the rung. */
export function ranOutUnasked({ intent, result }: RepairRecord): boolean {
  if (intent === undefined || result?.id !== intent.id || result.outcome !== "failed") return false;
  return result.remedy === "retry" && result.endedAtWallMs - intent.startedAtWallMs >= intent.deadlineMs;
}

/**
 * A call that certainly did nothing, tried again until `limitMs` of the phase are over, and for as long as its owner is too
 * slow to be asked. A guard that says no is told instead, so that a pause costs no attempt. Undefined: its time is over.
 */
export function retryGuarded(it: Situation, effect: Effect, deadlineMs: number, limitMs: number): Step | undefined {
  const step = runGuarded(it, effect, deadlineMs, "the provider refused; trying again");
  const mayTry = it.seen.phaseForMs < limitMs || ranOutUnasked(it.record);
  return step.kind === "hold" || mayTry ? step : undefined;
}

/** Ends the repair as held. */
export function held(reason: HoldReason, particulars?: string): Step {
  return { kind: "end", outcome: "Held", reason, message: hold(reason, particulars).message };
}

/** Said of a machine that went off by a power-off that was given up. */
export const latePowerOff = "our own earlier power-off was still pending";

/** Not acting, because the machine's owner cannot say what it does. */
export function powerUnknown({ seen }: Situation): Step {
  const said = seen.powerText === "" ? undefined : `It says: ${seen.powerText}.`;
  return { kind: "hold", hold: hold("provider-unknown", said) };
}

export type PhaseRule = (it: Situation) => Step;
export type RulesByPhase = Readonly<Record<Exclude<Phase, "Healed" | "Recovered">, PhaseRule>>;
