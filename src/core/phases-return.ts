import { hold } from "./hold.ts";
import { isFencing } from "./ladder.ts";
import type { Rung } from "./model.ts";
import { followReplacement, inService, replacingAlready, takenUpAfterAll } from "./phases-replace.ts";
import type { EffectResult, Intent } from "./record.ts";
import {
  askToReplaceDeadlineMs,
  held as endHeld,
  enter,
  enterReleasing,
  isBeyondBudget,
  isBootedAnew,
  isOtherMachine,
  latePowerOff,
  lookMs,
  type PhaseRule,
  patchDeadlineMs,
  powerOnDeadlineMs,
  powerUnknown,
  ranOutUnasked,
  resultOf,
  retryGuarded,
  retryMs,
  runGuarded,
  type Situation,
  type Step,
  wait,
} from "./step.ts";
import { minuteMs, secondMs } from "./time.ts";

/** A kubelet may renew its Lease a little before it posts its new boot ID. */
const bootIdGraceMs = minuteMs;

/** Between looks at a node that is well, and has to stay so for a while. */
const longestHoldLookMs = 5 * secondMs;

/** The rung's own act. */
export const restoring: PhaseRule = (it) => {
  const { record, seen, plan } = it;
  const { rung } = record;
  if (rung === undefined) return enter("Recovering", "there is no rung to run");
  if (!isFencing(rung)) return rebooting(it, rung as "soft-reboot" | "hard-reboot");
  if (seen.node !== undefined && isBootedAnew(record, seen.node)) return enter("Recovering", "it booted anew");
  if (seen.power === "on") return enter("Recovering", "the machine reads on");
  const already = rung === "replace" ? replacingAlready(it) : undefined;
  if (already !== undefined) return already;
  if (rung === "rebuild" || rung === "replace") {
    const rework = reworkingUnlessTried(it, rung);
    if (rework !== undefined) return rework;
  }
  if (rung === "replace" && wasAskedToReplace(it)) return enter("Recovering", "the machine is being replaced");
  const isOver = seen.rungForMs >= plan.rungTimeoutMs;
  if (isOver && seen.power !== "unreadable")
    return { kind: "next-rung", because: "the machine did not come on", isSkippingRung: false };
  return switchingOn(it);
};

/** Whether a rung's act was begun in this attempt, whatever came of it: later results hide earlier ones. */
function hasTried(record: Situation["record"], rung: Rung): boolean {
  return record.attempts.some((it) => it.rung === rung && it.count >= record.attempt);
}

/**
 * Whether the owner was asked, or may have been. Not so after a power-off that came to pass only when the rung had been
 * given up: then the old machine is switched on again.
 */
function wasAskedToReplace({ record, policy }: Situation): boolean {
  return record.replacement !== undefined || policy.provider?.followsReplacements !== true;
}

function rebooting(it: Situation, effect: "soft-reboot" | "hard-reboot"): Step {
  const { record, seen, plan } = it;
  const tried = resultOf(record, effect);
  if (tried !== undefined && tried.outcome !== "failed") return enter("Recovering", `${effect} asked for`);
  if (!seen.isSick && !plan.isRequested) {
    return seen.isWell ? enter("Recovering", "it is well again") : wait("it is not known yet whether the node lives");
  }
  if (tried === undefined) return runGuarded(it, effect, minuteMs, "still sick in a live read");
  if (tried.remedy === "ask-operator") return endHeld("ask-operator", tried.message);
  const again = tried.remedy === "retry" ? retryGuarded(it, effect, minuteMs, minuteMs) : undefined;
  if (again !== undefined) return again;
  return { kind: "next-rung", because: tried.message, isSkippingRung: tried.remedy === "give-up" };
}

/** The rung's own act, or what its failure means; undefined when it was asked for and may have taken place. */
function reworkingUnlessTried(it: Situation, rung: "rebuild" | "replace"): Step | undefined {
  if (!hasTried(it.record, rung)) return reworking(it, rung);
  const tried = resultOf(it.record, rung);
  if (tried?.outcome !== "failed") return undefined;
  if (tried.remedy === "ask-operator") return endHeld("ask-operator", tried.message);
  const mayTry = it.seen.rungForMs < it.plan.rungTimeoutMs || ranOutUnasked(it.record);
  if (tried.remedy === "retry" && mayTry) return reworking(it, rung);
  return { kind: "next-rung", because: tried.message, isSkippingRung: tried.remedy === "give-up" };
}

/** Rebuild and replace need a machine that is off for certain. */
function reworking(it: Situation, effect: "rebuild" | "replace"): Step {
  if (it.seen.proof === undefined) {
    if (it.seen.power === "off" || it.seen.power === undefined)
      return wait("the machine is being looked at again", secondMs);
    return powerUnknown(it);
  }
  // What is followed is only asked for here.
  const isFollowed = effect === "replace" && it.policy.provider?.followsReplacements === true;
  return runGuarded(it, effect, isFollowed ? askToReplaceDeadlineMs : it.plan.rungTimeoutMs, "the machine is off");
}

function switchingOn(it: Situation): Step {
  const { record, seen, plan, policy } = it;
  if (seen.power !== "off") {
    return seen.power === "unreadable" || seen.power === "unknown" ? powerUnknown(it) : wait("the machine is changing");
  }
  if (plan.foundOff) {
    if (record.marks.cordon?.wasUnschedulable === true) return endHeld("cordoned-by-person");
    if (!policy.fencing.powerOnFoundOff) return endHeld("found-off");
    if (!seen.isDue) return { kind: "hold", hold: hold("countdown") };
  }
  if (isBeyondBudget(it)) return endHeld("ladder-exhausted");
  const powerOn = resultOf(record, "power-on");
  const failure = powerOn?.outcome === "failed" ? powerOn : undefined;
  if (failure?.remedy === "ask-operator") return endHeld("ask-operator", failure.message);
  if (failure?.remedy === "give-up") return { kind: "next-rung", because: failure.message, isSkippingRung: true };
  const isOver = failure !== undefined || (powerOn !== undefined && isPastDeadline(record.intent, powerOn));
  const pauseMs = isOver ? retryMs : powerOnDeadlineMs;
  if (powerOn !== undefined && seen.resultForMs < pauseMs) return wait("switched on; waiting until it reads on");
  return runGuarded(it, "power-on", powerOnDeadlineMs, "bring the machine back");
}

/** Its time was over before it was written how it ended, as a successor does: nobody is at it any more. */
function isPastDeadline(intent: Intent | undefined, result: EffectResult): boolean {
  return intent?.id === result.id && result.endedAtWallMs - intent.startedAtWallMs >= intent.deadlineMs;
}

/** Wait until the node is back by DESIGN promise 5. */
export const recovering: PhaseRule = (it) => {
  const { record, seen, plan } = it;
  const late = wentOffLate(it);
  if (late !== undefined) return late;
  const done = recovered(it);
  if (done !== undefined) return enter("Unfencing", done);
  if (isFollowed(it)) return followReplacement(it);
  const { node } = seen;
  const isTainted = record.marks.outOfService !== undefined;
  if (isTainted && node !== undefined && !isBootedAnew(record, node) && seen.livingForMs > bootIdGraceMs) {
    if (plan.requireReboot) return endHeld("reboot-it");
  }
  return failedRung(it) ?? wait("waiting for the node", waitForNodeMs(it));
};

/** A node that comes back is noticed by its own changes; what else it waits for, as its last pods, is looked at. */
function waitForNodeMs(it: Situation): number {
  const { record, seen } = it;
  if (record.marks.outOfService === undefined) return leftOfHoldMs(it);
  return seen.node !== undefined && isBootedAnew(record, seen.node) ? secondMs : lookMs;
}

/** Until it has been well for recovery-hold; one that falls ill meanwhile changes, and is looked at then. */
function leftOfHoldMs({ seen, plan }: Situation): number {
  if (seen.healthyForMs === 0) return lookMs;
  return Math.min(longestHoldLookMs, Math.max(secondMs, plan.recoveryHoldMs - seen.healthyForMs));
}

/** Whether the way back is another machine that the owner makes. */
function isFollowed({ record }: Situation): boolean {
  return record.rung === "replace" && record.replacement !== undefined && hasTried(record, "replace");
}

/**
 * A machine whose power-off was given up and that went off all the same, as when its host returns and carries out what
 * was left: its pods are freed, and it is brought back.
 */
function wentOffLate(it: Situation): Step | undefined {
  const { record, seen, plan } = it;
  if (record.pendingOff === undefined || seen.proof === undefined || !seen.isSilent) return undefined;
  return plan.mode === "unproven" ? undefined : enterReleasing(it, `off, by two reads; ${latePowerOff}`, plan);
}

/** While the owner replaces the old machine only the new one counts; a power-on of the old one would not last. */
function isOnItsWayOut(it: Situation): boolean {
  const state = it.seen.replacement?.state;
  if (!isFollowed(it) || state === "done" || state === "not-begun" || state === "failed") return false;
  return !isOtherMachine(it);
}

/** Why the node counts as recovered, or undefined. Also what ends `Held`. */
function recovered(it: Situation): string | undefined {
  const { record, seen, plan } = it;
  const { node } = seen;
  if (node === undefined || isOnItsWayOut(it)) return undefined;
  if (record.marks.outOfService === undefined) {
    return seen.healthyForMs >= plan.recoveryHoldMs ? "its findings are gone for recovery-hold" : undefined;
  }
  if (isBootedAnew(record, node))
    return seen.untouchedPods === 0 ? "it booted anew and its old pods are gone" : undefined;
  if (plan.requireReboot || !seen.isLeaseMoving) return undefined;
  return seen.releasablePods === 0 && seen.attachments === 0 ? "it is back and nothing of it is in use" : undefined;
}

/** The next rung, when this one's time is over and the node is still sick in a live read. */
function failedRung({ record, seen, plan }: Situation): Step | undefined {
  if (record.rung === undefined) return fellSilentAgain(record, seen, plan);
  const limitMs = isFencing(record.rung) ? plan.rungTimeoutMs : plan.rebootTimeoutMs;
  if (seen.rungForMs < limitMs) return undefined;
  if (seen.node === undefined) return endHeld("node-gone");
  if (!seen.isSick) return undefined;
  return {
    kind: "next-rung",
    because: `still sick ${Math.round(limitMs / 1000)} s after ${record.rung}`,
    isSkippingRung: false,
  };
}

/** Without a rung there is no next one; a node that dies again is fenced again, or held where a person must look. */
function fellSilentAgain(
  record: Situation["record"],
  seen: Situation["seen"],
  plan: Situation["plan"],
): Step | undefined {
  if (record.marks.outOfService !== undefined || !seen.isSilent || !seen.isDue || seen.node === undefined)
    return undefined;
  return plan.mode === "unproven" ? enter("Cordoning", "it fell silent again") : endHeld("record-lost");
}

/** Give back what we took: the taint at once, the cordon when the node was well for a while. */
export const unfencing: PhaseRule = (it) => {
  const { record, seen, plan } = it;
  if (seen.node === undefined)
    return { kind: "end", outcome: "Recovered", reason: "node-gone", message: "the Node object is gone" };
  const late = wentOffLate(it);
  if (late !== undefined) return late;
  if (record.pendingOff !== undefined && (seen.power === "changing" || seen.power === "off")) {
    if (seen.power === "off" && seen.livingForMs > bootIdGraceMs)
      return { kind: "hold", hold: hold("machine-mismatch") };
    return wait(`the machine reads ${seen.power}: ${latePowerOff}`);
  }
  if (record.marks.outOfService !== undefined) return runGuarded(it, "untaint", patchDeadlineMs, record.message);
  if (record.hasActed && seen.healthyForMs < plan.recoveryHoldMs) {
    return failedRung(it) ?? wait("Ready for recovery-hold, then uncordoned", leftOfHoldMs(it));
  }
  if (isFollowed(it) && isOtherMachine(it) && seen.replacement?.state === "under-way")
    return wait(`the new machine is well; its owner is still at work: ${seen.replacement.text}`, secondMs);
  if (record.marks.cordon !== undefined) return runGuarded(it, "uncordon", patchDeadlineMs, "well again");
  if (isFollowed(it) && isOtherMachine(it)) {
    const machine = seen.replacement?.successor ?? record.replacement?.successor ?? "a new machine";
    const message = `machine ${machine} took its place under the same name`;
    return { kind: "end", outcome: "Healed", reason: "replaced", message };
  }
  return record.hasActed
    ? { kind: "end", outcome: "Healed", reason: "healed", message: "the node is back in service" }
    : { kind: "end", outcome: "Recovered", reason: "recovered", message: "the node came back by itself" };
};

/** `Held` waits for a person, or for the node to recover by itself. */
export const held: PhaseRule = (it) => {
  const late = wentOffLate(it);
  if (late !== undefined) return late;
  const done = recovered(it);
  if (done !== undefined) return enter("Unfencing", done);
  const replaced = isFollowed(it) ? (inService(it) ?? takenUpAfterAll(it)) : undefined;
  return replaced ?? wait(it.record.message, 10 * secondMs);
};
