import { hold } from "./hold.ts";
import { isFencing } from "./ladder.ts";
import type { EffectResult } from "./record.ts";
import {
  enter,
  enterReleasing,
  held,
  isBeyondBudget,
  isOtherMachine,
  latePowerOff,
  type PhaseRule,
  patchDeadlineMs,
  powerUnknown,
  resultOf,
  retryGuarded,
  retryMs,
  runGuarded,
  type Situation,
  type Step,
  wait,
} from "./step.ts";
import { secondMs } from "./time.ts";

/** Cordon, unless the node recovered or is no longer the node we meant. */
export const cordoning: PhaseRule = (it) => {
  const over = overBeforeActing(it);
  if (over !== undefined) return over;
  const { record, seen, plan } = it;
  const isFencingRung = record.rung !== undefined && isFencing(record.rung);
  if (seen.node === undefined) {
    return held("node-gone");
  }
  if (record.marks.cordon === undefined || !seen.node.isUnschedulable) {
    return runGuarded(it, "cordon", patchDeadlineMs, "keep new pods away");
  }
  if (plan.mode === "unproven") return enterReleasing(it, "cordoned", plan);
  if (!seen.isSilent) return enter("Draining", "cordoned; the kubelet still answers");
  return isFencingRung
    ? enter("Fencing", "cordoned")
    : { kind: "next-rung", because: "a silent node is not rebooted through its own system", isSkippingRung: true };
};

/** Move pods within their disruption budgets, for a bounded time. Only while the kubelet lives. */
export const draining: PhaseRule = (it) => {
  const over = overBeforeActing(it);
  if (over !== undefined) return over;
  const { record, seen, plan } = it;
  const isFencingRung = record.rung !== undefined && isFencing(record.rung);
  if (seen.isSilent) {
    return isFencingRung
      ? enter("Fencing", "the node fell silent")
      : { kind: "next-rung", because: "the node fell silent", isSkippingRung: true };
  }
  const after = isFencingRung ? "Fencing" : "Restoring";
  if (seen.evictablePods === 0) return enter(after, "drained");
  const leftMs = plan.drainTimeoutMs - seen.phaseForMs;
  if (leftMs <= 0) return enter(after, `drain-timeout is over, ${seen.evictablePods} pods stay`);
  return runGuarded(it, "drain", leftMs, `${seen.evictablePods} pods to move`);
};

/** Switch the machine off and know it. */
export const fencing: PhaseRule = (it) => {
  const { record, seen, plan } = it;
  const tried = resultOf(record, "power-off");
  if (tried === undefined && !seen.proof) {
    const over = overBeforeActing(it);
    if (over !== undefined) return over;
  }
  if (seen.proof !== undefined) {
    const isOurs = record.hasActed || plan.foundOff;
    const isLate = record.pendingOff !== undefined && tried === undefined;
    const because = isLate ? `off, by two reads; ${latePowerOff}` : "off, by two reads";
    return enterReleasing(it, because, isOurs ? plan : { ...plan, foundOff: true });
  }
  if (seen.isConfirmedOff) return enterReleasing(it, "a person confirmed that it is off", plan);
  if (seen.power === undefined) return wait("the machine is being looked at");
  if (seen.power === "off") return wait("one read says off; a second one makes it certain");
  if (tried === undefined) return fenceFirst(it);
  if (tried.outcome === "failed" || seen.failedAct !== undefined) {
    if (tried.remedy === "give-up") return held("power-off-failed", tried.message);
    if (tried.remedy === "ask-operator") return held("ask-operator", tried.message);
    const again = tryingAgain(it, tried);
    if (again !== undefined) return again;
  } else if (seen.resultForMs < plan.powerOffTimeoutMs) {
    return wait("switched off; waiting until it reads off");
  }
  if (seen.power === "unreadable") return powerUnknown(it);
  const said = seen.failedAct ?? seen.powerText;
  return {
    kind: "next-rung",
    because: `it still reads ${seen.power} after power-off${said === "" ? "" : ` (${said})`}`,
    isSkippingRung: false,
  };
};

const longestPauseMs = 30 * secondMs;

/** A power-off that certainly came to nothing is asked for again while its time lasts. */
function tryingAgain(it: Situation, tried: EffectResult): Step | undefined {
  const { seen, plan } = it;
  const isOver = tried.outcome === "failed" ? tried.remedy === "retry" : seen.failedAct !== undefined;
  if (!isOver || seen.power === "unreadable") return undefined;
  // Each pause is as long as all the tries before it took.
  const pauseMs = Math.min(longestPauseMs, Math.max(retryMs, seen.phaseForMs - seen.resultForMs));
  if (seen.resultForMs < pauseMs) return wait(seen.failedAct ?? tried.message, pauseMs - seen.resultForMs);
  return retryGuarded(it, "power-off", plan.powerOffTimeoutMs, plan.powerOffTimeoutMs);
}

function fenceFirst(it: Situation): Step {
  const { record, seen, plan } = it;
  if (isBeyondBudget(it)) return held("ladder-exhausted");
  // Found off, then switched on by somebody: a machine that runs has the checks' countdown before it.
  if (!record.hasActed && !seen.isDue && !plan.isRequested)
    return { kind: "hold", hold: hold("countdown", "It reads on now, and is left on until then.") };
  if (seen.power === "unreadable") return powerUnknown(it);
  if (seen.power === "changing" && seen.phaseForMs < plan.powerOffTimeoutMs)
    return wait("the machine is in the middle of a change");
  return runGuarded(it, "power-off", plan.powerOffTimeoutMs, `it reads ${seen.power}`);
}

/** Ends an attempt that has not begun to act, when its node recovered, went away or was replaced. */
function overBeforeActing(it: Situation): Step | undefined {
  const { record, seen, plan } = it;
  const { node } = seen;
  if (record.hasActed) {
    if (node === undefined) return undefined;
    if (seen.isSick) return isOtherMachine(it) ? givingBack(it) : undefined;
    return seen.isWell ? enter("Recovering", "it is well again") : wait("it is not known yet whether the node lives");
  }
  if (node === undefined)
    return { kind: "end", outcome: "Recovered", reason: "node-gone", message: "the Node was removed" };
  if (node.uid !== record.identity?.nodeUid) return nodeReplaced("another Node took its name");
  if (isOtherMachine(it)) return givingBack(it);
  if (seen.isSick || plan.isRequested) return undefined;
  return seen.isWell
    ? enter("Unfencing", "it recovered by itself")
    : wait("it is not known yet whether the node lives");
}

/**
 * A machine that took the Node of the one that this repair is about, and is ill itself, is not this repair's to treat:
 * what was taken is given back, and the next repair begins with what the Node shows.
 */
function givingBack(it: Situation): Step {
  const { marks, phase } = it.record;
  if (phase !== "Cordoning") return enter("Cordoning", "another machine took the Node meanwhile");
  if (marks.outOfService !== undefined) {
    if (it.seen.untouchedPods > 0) return wait("another machine stands behind the Node; old pods go first", secondMs);
    return runGuarded(it, "untaint", patchDeadlineMs, "another machine stands behind the Node");
  }
  if (marks.cordon !== undefined)
    return runGuarded(it, "uncordon", patchDeadlineMs, "another machine stands behind the Node");
  return nodeReplaced("another machine took its Node; what ails it is a repair of its own");
}

function nodeReplaced(message: string): Step {
  return { kind: "end", outcome: "Recovered", reason: "node-replaced", message };
}
