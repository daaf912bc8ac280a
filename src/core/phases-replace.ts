import { hold } from "./hold.ts";
import {
  held as endHeld,
  enter,
  lookMs,
  patchDeadlineMs,
  powerUnknown,
  resultOf,
  runGuarded,
  type Seen,
  type Situation,
  type Step,
  wait,
} from "./step.ts";
import { minuteMs, secondMs } from "./time.ts";

/**
 * A replacement that its owner knows nothing of, this long after it was asked for, was never begun: Magnum's status, for
 * one, shows it only seconds later.
 */
const notBegunMs = minuteMs;
/** One that it accepted may stand in the queue of a service that is busy; a second one would then cancel the first. */
const acceptedNotBegunMs = 5 * minuteMs;

/** Between looks while only the owner's word is waited for. */
const ownerOnlyMs = 5 * secondMs;

/** Before the owner is asked to replace a machine: an earlier request may have taken place. Undefined: none did. */
export function replacingAlready(it: Situation): Step | undefined {
  if (it.record.replacement === undefined) return undefined;
  const its = it.seen.replacement;
  if (its === undefined) return wait("an earlier replacement is being looked at", secondMs);
  if (its.state === "unreadable") return unreadable(it, its.text);
  if (its.state === "not-begun" || its.state === "failed") return undefined;
  return enter("Recovering", `it is being replaced: ${its.text}`);
}

/**
 * Follows a replacement to its end: the old Node goes when its machine is gone for certain, the repair is over when the
 * successor is in service. The owner has its own time limit; only what comes after it is bounded here.
 */
export function followReplacement(it: Situation): Step {
  const { seen, plan } = it;
  const its = seen.replacement;
  if (its === undefined) return wait("the replacement is being looked at", secondMs);
  const old = isOldNode(it) && its.isOldGone ? deletingOldNode(it) : undefined;
  if (old !== undefined) return old;
  switch (its.state) {
    case "unreadable":
      return unreadable(it, its.text);
    case "under-way":
      // Without a Node nothing is left to do before the owner is done, and it is asked less often than that.
      return wait(`its owner replaces the machine: ${its.text}`, seen.node === undefined ? ownerOnlyMs : lookMs);
    case "not-begun":
      // Also counted from when the act was over: a read before it says nothing.
      if (Math.min(its.stateForMs, seen.phaseForMs) < unbegunMs(it))
        return wait("its owner knows of no replacement yet; it is looked at for a while", lookMs);
      return { kind: "next-rung", because: `its owner never began to replace it (${its.text})`, isSkippingRung: false };
    case "failed":
      if (its.isOldGone || seen.node === undefined)
        return endHeld("replacement-failed", `Its owner says: ${its.text}.`);
      return { kind: "next-rung", because: `its owner could not replace it (${its.text})`, isSkippingRung: false };
    case "done":
      return inService(it) ?? waitingForSuccessor(its, plan.rungTimeoutMs);
  }
}

function unbegunMs({ record }: Situation): number {
  return resultOf(record, "replace")?.outcome === "done" ? acceptedNotBegunMs : notBegunMs;
}

/** A replacement that its owner took up after the repair was given up is followed again. */
export function takenUpAfterAll(it: Situation): Step | undefined {
  const its = it.seen.replacement;
  const isOwed = its?.state === "done" && its.isOldGone && isOldNode(it);
  if (its?.state !== "under-way" && !isOwed) return undefined;
  return enter("Recovering", `its owner replaces the machine after all: ${its.text}`);
}

/** Ends the repair when the owner is done and the successor, under another name, is in service. */
export function inService({ record, seen, plan }: Situation): Step | undefined {
  const its = seen.replacement;
  if (its?.state !== "done" || its.successorNode === undefined || its.successorNode === record.node) return undefined;
  if (seen.node !== undefined || its.successorHealthyForMs < plan.recoveryHoldMs) return undefined;
  return {
    kind: "end",
    outcome: "Healed",
    reason: "replaced",
    message: `node ${its.successorNode} (machine ${its.successor ?? "unknown"}) took its place`,
  };
}

function waitingForSuccessor(its: NonNullable<Seen["replacement"]>, limitMs: number): Step {
  if (its.stateForMs < limitMs) {
    const who = its.successorNode ?? its.successor;
    return wait(who === undefined ? "waiting for the new machine" : `waiting for ${who} to be Ready`);
  }
  const who = its.successorNode === undefined ? (its.successor ?? "the new machine") : `node ${its.successorNode}`;
  return endHeld(
    "replacement-failed",
    `${who} did not come into service within ${Math.round(limitMs / secondMs)} s. Its owner says: ${its.text}.`,
  );
}

/** A kubelet that lives makes its Lease anew within seconds when somebody deleted it. */
const leaselessMs = minuteMs;

/** Whether no kubelet speaks for the Node: its Lease stands still, or there has been none at all for long. */
export function isMuteKubelet(seen: Pick<Seen, "isSilent" | "isLeaseMoving" | "leaselessForMs">): boolean {
  return seen.isSilent || (!seen.isLeaseMoving && seen.leaselessForMs >= leaselessMs);
}

/** Whether the Node object is still that of the machine that is replaced. Anything else under its name is a successor. */
export function isOldNode({ record, seen }: Pick<Situation, "record" | "seen">): boolean {
  const { identity } = record;
  const { node } = seen;
  return (
    identity !== undefined &&
    node !== undefined &&
    node.uid === identity.nodeUid &&
    node.systemUUID === identity.systemUUID &&
    node.bootID === identity.bootID
  );
}

/** Deletes the Node of a machine that is gone, its pods released. */
function deletingOldNode(it: Situation): Step {
  const { record, seen, plan } = it;
  if (seen.node?.isDeleting === true) return wait("the Node of the machine that is gone is being deleted", secondMs);
  if (!isMuteKubelet(seen)) {
    // A successor of the same name renews the Lease a little before it posts its boot.
    if (seen.livingForMs > minuteMs) return { kind: "hold", hold: hold("machine-mismatch") };
    return wait("a kubelet of this name lives; its Node must show another boot first", secondMs);
  }
  // Our mark is the licence to delete, here as on the server (policy aceso-nodes).
  if (record.marks.outOfService === undefined) {
    return { kind: "hold", hold: hold("node-unmarked", `Machine ${record.replacement?.machine ?? ""} is gone.`) };
  }
  const isReleased = seen.releasablePods === 0 && seen.attachments === 0;
  if (!isReleased && !record.isReleaseOverdue && seen.phaseForMs < plan.releaseTimeoutMs) {
    return wait("pods of the machine that is gone are being freed", secondMs);
  }
  return runGuarded(it, "delete-node", patchDeadlineMs, "its machine is gone for good");
}

function unreadable(it: Situation, text: string): Step {
  return powerUnknown({ ...it, seen: { ...it.seen, powerText: text } });
}
