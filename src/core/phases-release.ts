import { hold } from "./hold.ts";
import {
  enter,
  held,
  isBootedAnew,
  type PhaseRule,
  patchDeadlineMs,
  powerUnknown,
  resultOf,
  retryMs,
  runGuarded,
  type Situation,
  type Step,
  wait,
} from "./step.ts";
import { minuteMs, secondMs } from "./time.ts";

/** Free pods and volumes of a machine that is off. */
export const releasing: PhaseRule = (it) => {
  const { record, seen, plan } = it;
  const isTainted = record.marks.outOfService !== undefined;
  if (seen.node === undefined) return afterRelease(it, "the Node object is gone");
  const alive = signOfLife(it);
  if (alive !== undefined) {
    if (isTainted) return runGuarded(it, "untaint", patchDeadlineMs, `taken back: ${alive}`);
    return enter("Recovering", alive);
  }
  if (!isTainted) return taintWhenCertain(it);
  if (seen.releasablePods === 0 && seen.attachments === 0) return afterRelease(it, "pods and volumes are free");
  if (seen.phaseForMs >= plan.releaseTimeoutMs) {
    const left = `${seen.releasablePods} pods and ${seen.attachments} volume attachments are still there`;
    return { ...afterRelease(it, `release-timeout is over, ${left}`), isAlarm: true };
  }
  if (seen.releasablePods > 0 && seen.proof !== undefined) {
    const pauseMs = seen.untouchedPods === 0 ? retryMs : secondMs / 2;
    if (resultOf(record, "force-delete")?.outcome === "done" && seen.resultForMs < pauseMs) {
      return wait("pods are finishing", secondMs / 2);
    }
    return runGuarded(it, "force-delete", 30 * secondMs, `${seen.releasablePods} pods of a machine that is off`);
  }
  return wait("pods and volumes are being freed", secondMs);
};

/** Why the node must be taken for alive while it is being released; undefined while nothing says so. */
function signOfLife({ record, seen, plan }: Situation): string | undefined {
  const { node } = seen;
  if (node !== undefined && isBootedAnew(record, node)) return "it booted anew";
  const isTainted = record.marks.outOfService !== undefined;
  if (seen.isLeaseMoving && (isTainted || plan.mode === "unproven")) return "its Lease moves";
  if (plan.mode !== "unproven" && seen.power === "on") return "the machine reads on";
  return undefined;
}

function taintWhenCertain(it: Situation): Step {
  const { seen, plan } = it;
  if (plan.mode !== "unproven" && seen.proof === undefined && !seen.isConfirmedOff) {
    if (seen.power === "off" || seen.power === undefined) return wait("the machine is being looked at again", secondMs);
    return powerUnknown(it);
  }
  if (!seen.isSilent) {
    if (seen.phaseForMs > it.policy.silenceMs * 3 + minuteMs) return held("machine-mismatch");
    return { kind: "hold", hold: hold("not-silent-yet") };
  }
  return runGuarded(it, "taint", patchDeadlineMs, plan.mode === "unproven" ? "silent, not Ready, mute" : "proven off");
}

function afterRelease(it: Situation, because: string): Extract<Step, { kind: "enter" }> {
  return enter(it.plan.mode === "unproven" ? "Recovering" : "Restoring", because);
}
