import type { MonoMs } from "./time.ts";

/** Every reason not to act, with what it means. Printed by explain, events, metrics and the operations page. */
export const holdReasons = {
  "api-unreadable": "The API server cannot be read, so nothing is decided and no time is counted.",
  paused: "A person paused Aceso for the cluster, this node, or this repair.",
  "dry-run": "The configuration says dry-run: decisions are shown, nothing is done.",
  "not-selected": "The node is outside node-selector, or its role is not monitored.",
  "skip-taint": "The node carries the taint node.kubernetes.io/asklepios=skip.",
  deleting: "The Node object is being deleted.",
  autoscaler: "An autoscaler has marked the node for removal.",
  "check-delay-after-add": "The Node object is younger than check-delay-after-add.",
  "startup-delay": "This leader is new and waits startup-delay before it begins repairs.",
  maintenance: "Somebody else had cordoned the node before it fell ill; it is left alone for cordoned-hold.",
  "max-unhealthy": "More nodes are ill than max-unhealthy allows: the fault is probably not the nodes'.",
  "max-parallel": "As many repairs as max-parallel allows are under way.",
  "max-repairs-per-hour": "As many repairs as max-repairs-per-hour allows began within the last hour.",
  "control-plane-quorum": "Without this node not more than half of all control-plane nodes would be Ready.",
  "control-plane-busy": "Another control-plane node is under repair; they are treated one at a time.",
  "control-plane-unreadable":
    "The state of the etcd members could not be read, so no control-plane node is switched off.",
  "no-other-replica": "No other replica of Aceso is fresh; a control-plane node is not switched off without one.",
  "own-node": "The leader runs on this node and no other replica is fresh to take over.",
  "no-capability": "There is no provider that could restart this machine while its kubelet still answers.",
  "unproven-not-accepted":
    "There is no provider to prove that the machine is off, and fencing.accept-unproven is not set.",
  "still-ready": "The node is silent but its Ready condition is still True; without proof that counts as alive.",
  "answers-network":
    "Something on the node's address still answers an observer: without proof that is a living machine.",
  "machine-unknown":
    "It is not known which machine this node is: the provider could not say, has none, or has one for two nodes.",
  "identity-changed": "The node's machine is not the one it had when the node was last Ready.",
  "provider-unknown": "The provider cannot say whether the machine is off; that is never taken for off.",
  interlock: "The machine's owner does not allow it now, or could not be asked.",
  "local-data":
    "A PersistentVolume or aceso.dev/keep-disk ties data to this node's disk; it is not rebuilt or replaced.",
  "etcd-stacked": "A control-plane node with stacked etcd is not rebuilt or replaced.",
  "record-newer": "The NodeRepair was written by a newer Aceso; it is left alone.",
  "record-invalid": "The NodeRepair's status makes no sense (edited by hand?).",
  "record-lost": "The NodeRepair of a node that we had marked is gone; it was made anew from the node's marks.",
  "not-silent-yet":
    "The machine reads off but its kubelet was heard a moment ago; its pods are freed once it is silent.",
  countdown: "The machine was found off; it is switched on when the checks' countdown is over.",
  "server-too-old":
    "Kubernetes before 1.24 does not heed the out-of-service taint, so pods and volumes cannot be freed.",
  "orphan-taint": "The node carries an out-of-service taint that Aceso did not set.",
  "ladder-exhausted": "Every rung has used up its attempts.",
  "power-off-failed": "The machine could not be switched off.",
  "cordoned-by-person": "The machine was found off and a person had cordoned the node: it is not switched on.",
  "found-off": "The machine was found off and fencing.power-on-found-off is false: it is not switched on.",
  "reboot-it":
    "The node was fenced without proof and came back without a reboot; old mounts may still be there. Reboot it.",
  "machine-mismatch": "The machine reads off while the node's Lease moves: it cannot be this node's machine.",
  "ask-operator": "The provider says that a person must look.",
  "replacement-failed": "The machine was to be replaced, and no new one came into service.",
  "replacement-under-way":
    "Another machine is being replaced: the node is its successor, or its own replacement was asked for a moment ago.",
  "node-unmarked":
    "The Node of a machine that is gone lost Aceso's taint or marks, without which Aceso may not delete it.",
  "node-gone": "The Node object is gone; without it nothing is switched off, rebuilt or replaced.",
} as const;

export type HoldReason = keyof typeof holdReasons;

/** Not acting, with a reason. */
export interface Hold {
  readonly reason: HoldReason;
  /** The particulars, for people. */
  readonly message: string;
  /** When it ends by itself, if time alone ends it. */
  readonly untilMonoMs?: MonoMs;
}

/** A hold with the general sentence and, after it, the particulars of this case. */
export function hold(reason: HoldReason, particulars?: string, untilMonoMs?: MonoMs): Hold {
  const message = particulars === undefined ? holdReasons[reason] : `${holdReasons[reason]} ${sentence(particulars)}`;
  return untilMonoMs === undefined ? { reason, message } : { reason, message, untilMonoMs };
}

/** Words of others often lack the full stop, and more sentences follow. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
