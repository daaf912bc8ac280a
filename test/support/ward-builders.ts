import type { NodeName } from "../../src/core/model.ts";
import type { Ward, WardObserver, WardPatient, WardRepair, WardRepairNow } from "../../src/http/ward.ts";

/** A point in time, so many seconds after the others. */
export type At = (seconds: number) => string;

/** Times around a moment. */
export function around(wallMs: number): At {
  return (seconds) => new Date(wallMs + seconds * 1_000).toISOString();
}

/** Six nodes that are well, two replicas. */
export function calmWard(at: At, changes: Partial<Ward> = {}): Ward {
  return {
    asOf: at(0),
    revision: 1,
    version: "0.1.0",
    servedBy: { instance: "aceso-2", node: "worker-1" as NodeName, isLeader: false },
    leader: { instance: "aceso-1", renewedAt: at(-2), isAlive: true },
    isDryRun: false,
    provider: "openstack",
    configSource: "ConfigMap aceso/aceso",
    notes: [],
    pauses: [],
    observers: [observer(at, "aceso-1", "master-1"), observer(at, "aceso-2", "worker-1")],
    nodes: { total: 6, notWell: 0, byState: { Well: 6 } },
    patients: [],
    timeline: [],
    ...changes,
  };
}

export function observer(at: At, instance: string, node: string, changes: Partial<WardObserver> = {}): WardObserver {
  return {
    instance,
    node: node as NodeName,
    isFresh: true,
    seenAt: at(-12),
    suspectsSelf: false,
    failing: [],
    failingCount: 0,
    ...changes,
  };
}

/** A node whose kubelet fell silent and whose repair begins in 12 s. */
export function watchedPatient(at: At, node: string, changes: Partial<WardPatient> = {}): WardPatient {
  return {
    node: node as NodeName,
    state: "Watched",
    reason: "watch",
    sentence: `${node} is not well, but not for long enough to act: check NodeLease fails for 43s of its 55s.`,
    facts: [
      "Role worker; Ready is Unknown for 9s.",
      "Silent: its kubelet's Lease has not changed for 43s.",
      "Check NodeLease fails for 43s (of its 55s): its kubelet has not renewed its Lease.",
      "2 of 2 observers are fresh; aceso-1, aceso-2 see it fail.",
    ],
    next: { what: "The repair begins then, if it is still ill and no guard holds it.", at: at(12) },
    wouldChange: ["its checks pass again", "its machine is found off: then its pods are freed at once"],
    role: "worker",
    isPaused: false,
    repair: null,
    ...changes,
  };
}

/** A node of which there is nothing to say. */
export function wellPatient(node: string): WardPatient {
  return {
    node: node as NodeName,
    state: "Well",
    reason: "well",
    sentence: `${node} is well; there is nothing to do.`,
    facts: ["Role worker; Ready is True for 3d4h.", "Its kubelet's Lease changed 4s ago."],
    next: { what: "Nothing.", at: null },
    wouldChange: ["a check fails, or its kubelet falls silent"],
    role: "worker",
    isPaused: false,
    repair: null,
  };
}

/** A node whose machine is proven off and whose pods are being freed. */
export function releasingPatient(at: At, node: string, changes: Partial<WardPatient> = {}): WardPatient {
  return {
    ...watchedPatient(at, node),
    state: "Releasing",
    reason: "proven-off",
    sentence: `${node} is off; its pods and volumes are being freed: two reads say that its machine is off.`,
    facts: [
      "Role worker; Ready is Unknown for 1m.",
      "Silent: its kubelet's Lease has not changed for 1m20s.",
      "Cordoned by Aceso.",
      "Aceso set the out-of-service taint 4s ago.",
      `Under way: deleting the pods of a machine that is off, for at most 26s more.`,
    ],
    next: { what: "Then the provider brings the machine back; without a provider a person restarts it.", at: at(296) },
    wouldChange: ["the node shows a sign of life: then the taint is taken back at once"],
    repair: repairNow(at),
    ...changes,
  };
}

function repairNow(at: At): WardRepairNow {
  return {
    id: "r-4711",
    phase: "Releasing",
    phaseStartedAt: at(-4),
    startedAt: at(-9.4),
    ladder: ["power-cycle", "rebuild"],
    rung: "power-cycle",
    attempt: 1,
    reason: "proven-off",
    message: "two reads say that its machine is off",
    evidence: [
      { source: "openstack", value: "off", text: "status SHUTOFF, power_state 4, task_state none", readAt: at(-6.2) },
      { source: "openstack", value: "off", text: "status SHUTOFF, power_state 4, task_state none", readAt: at(-4.1) },
    ],
    phases: [
      { phase: "Cordoning", startedAt: at(-9.4), endedAt: at(-9) },
      { phase: "Fencing", startedAt: at(-9), endedAt: at(-4) },
      { phase: "Releasing", startedAt: at(-4), endedAt: null },
    ],
  };
}

/** A node that waits for a person: its ladder is used up. */
export function heldPatient(at: At, node: string, changes: Partial<WardPatient> = {}): WardPatient {
  return {
    ...watchedPatient(at, node),
    state: "Held",
    reason: "max-unhealthy",
    sentence: `${node} is not touched (max-unhealthy): More nodes are ill than max-unhealthy allows: the fault is probably not the nodes'. Cause: check NodeLease fails.`,
    next: {
      what: "Nothing begins until fewer nodes are ill. Look at what they have in common: network, power, API servers.",
      at: null,
    },
    wouldChange: ["other nodes recover", "max-unhealthy is raised"],
    ...changes,
  };
}

/** A repair that ended well a while ago. */
export function pastRepair(at: At, node: string, endedS: number, changes: Partial<WardRepair> = {}): WardRepair {
  const from = (seconds: number) => at(endedS - 94 + seconds);
  return {
    node: node as NodeName,
    startedAt: from(0),
    endedAt: from(94),
    outcome: "Healed",
    rung: "power-cycle",
    reason: "NodeLease",
    phases: [
      { phase: "Cordoning", startedAt: from(0), endedAt: from(0.4) },
      { phase: "Fencing", startedAt: from(0.4), endedAt: from(6) },
      { phase: "Releasing", startedAt: from(6), endedAt: from(9) },
      { phase: "Restoring", startedAt: from(9), endedAt: from(24) },
      { phase: "Recovering", startedAt: from(24), endedAt: from(92) },
      { phase: "Unfencing", startedAt: from(92), endedAt: from(94) },
    ],
    ...changes,
  };
}
