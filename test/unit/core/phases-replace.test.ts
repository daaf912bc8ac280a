import { expect, test } from "vitest";
import type { ReplacementSeen, Seen } from "../../../src/core/step.ts";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import * as make from "../../support/core-builders.ts";
import { failed, type Row, result, step } from "../../support/step-words.ts";

const both = { ...make.cordonMark, ...make.taintMark };
const asked = { machine: "m-n1", plan: "p", atWallMs: 0 };
const spent = [{ rung: "replace", count: 1, lastAtWallMs: 0 }] as const;
/** A replacement was asked for, and is followed. */
const followed = {
  phase: "Recovering",
  rung: "replace",
  replacement: asked,
  attempts: spent,
  marks: both,
  hasActed: true,
} as const;
const again = { ...followed, phase: "Restoring" } as const;

/** A person released the hold: attempts count from one again. */
const anew = { ...followed, phase: "Cordoning", attempts: [] } as const;

const its = (changes: Partial<ReplacementSeen> = {}): Partial<Seen> => ({
  replacement: {
    state: "under-way",
    stateForMs: hourMs,
    isOldGone: false,
    successor: undefined,
    successorNode: undefined,
    successorHealthyForMs: 0,
    text: "UPDATE_IN_PROGRESS",
    ...changes,
  },
  phaseForMs: hourMs,
  rungForMs: hourMs,
});
const id = "r1/replace-1/replace-1";
/** Its owner said yes. */
const accepted = {
  intent: { effect: "replace", id, startedAtWallMs: 0, deadlineMs: minuteMs },
  result: { effect: "replace", id, outcome: "done", message: "accepted", endedAtWallMs: 0 },
} as const;
const gone = { isOldGone: true } as const;
const served = {
  state: "done",
  isOldGone: true,
  successor: "m2",
  successorNode: "n2",
  successorHealthyForMs: minuteMs,
} as const;
const otherMachine = make.node("n1", { uid: "uid-2", systemUUID: "uuid-2", bootID: "boot-2" });
const noNode = { node: undefined } as const;
const follows = make.policy({ provider: { id: "cloud", capabilities: [], followsReplacements: true } });

// biome-ignore format: a table, one row a case
const rows: Row[] = [
  ["what is followed is only asked for", "run replace", { phase: "Restoring", rung: "replace" }, make.proven, { policy: follows }],
  ["an earlier request that takes place is not made again", "enter Recovering", { ...again, attempt: 2 }, { ...make.proven, ...its() }],
  ["nor one that is done", "enter Recovering", { ...again, attempt: 2 }, { ...make.proven, ...its({ state: "done" }) }],
  ["nor while nobody can tell", "hold provider-unknown", { ...again, attempt: 2 }, { ...make.proven, ...its({ state: "unreadable" }) }],
  ["nor before it was looked at", "wait", { ...again, attempt: 2 }, make.proven],
  ["one that its owner gave up may be followed by another", "run replace", { ...again, attempt: 2 }, { ...make.proven, ...its({ state: "failed" }) }],
  ["a request whose outcome is unknown is followed, not repeated", "enter Recovering", { ...again, ...result("replace", { outcome: "unknown" }) }, { ...make.proven, ...its({ state: "not-begun" }) }],
  ["one that certainly did nothing is made again", "run replace", { ...again, intent: { effect: "replace", id: "r1/replace-1/replace-1", startedAtWallMs: 0, deadlineMs: 0 }, result: { effect: "replace", id: "r1/replace-1/replace-1", message: "", endedAtWallMs: 0, ...failed("retry") } }, { ...make.proven, ...its({ state: "not-begun" }), rungForMs: 0 }],
  ["its owner's time has no limit of ours", "wait", followed, its()],
  ["also when its Node is gone", "wait", followed, { ...its(), ...noNode }],
  ["an owner that cannot be asked concludes nothing", "hold provider-unknown", followed, its({ state: "unreadable" })],
  ["nothing is concluded before the first look", "wait", followed, {}],
  ["a request that nobody knows of is waited for a minute", "wait", followed, its({ state: "not-begun", stateForMs: minuteMs - 1 })],
  ["counted from when the act was over", "wait", followed, { ...its({ state: "not-begun" }), phaseForMs: minuteMs - 1 }],
  ["then the next rung is tried", "next rung", followed, its({ state: "not-begun", stateForMs: minuteMs })],
  ["one that was accepted may wait in a queue of its owner", "wait", { ...followed, ...accepted }, its({ state: "not-begun", stateForMs: 5 * minuteMs - 1 })],
  ["but not for ever", "next rung", { ...followed, ...accepted }, its({ state: "not-begun", stateForMs: 5 * minuteMs })],
  ["a failure leads to the next rung", "next rung", followed, its({ state: "failed" })],
  ["but not when the old machine is gone", "end Held replacement-failed", { ...followed, isReleaseOverdue: true }, { ...its({ state: "failed", ...gone }), ...noNode }],
  ["the Node of a machine that is gone is deleted", "run delete-node", followed, its(gone)],
  ["not while its kubelet lives", "wait", followed, { ...its(gone), isSilent: false }],
  ["a kubelet that lives on speaks of another machine", "hold machine-mismatch", followed, { ...its(gone), isSilent: false, livingForMs: 2 * minuteMs }],
  ["not while pods of it are there", "wait", followed, { ...its(gone), phaseForMs: 0, releasablePods: 1 }],
  ["nor volumes", "wait", followed, { ...its(gone), phaseForMs: 0, attachments: 1 }],
  ["unless their time is over", "run delete-node", { ...followed, isReleaseOverdue: true }, { ...its(gone), phaseForMs: 0, attachments: 1 }],
  ["not without our taint", "hold node-unmarked", { ...followed, marks: make.cordonMark }, its(gone)],
  ["not when somebody does so already", "wait", followed, { ...its(gone), node: make.node("n1", { isDeleting: true }) }],
  ["nor for a moment without a Lease", "wait", followed, { ...its(gone), isSilent: false, leaselessForMs: minuteMs - 1 }],
  ["a kubelet without any Lease for a minute lives no more", "run delete-node", followed, { ...its(gone), isSilent: false, leaselessForMs: minuteMs }],
  ["not when another machine stands behind it", "enter Unfencing", followed, { ...its({ ...gone, state: "done" }), node: otherMachine }],
  ["nor when only its boot is another", "enter Unfencing", followed, { ...its({ ...gone, state: "done" }), node: make.node("n1", { bootID: "boot-2" }) }],
  ["a new boot of the old machine is no recovery while it is being replaced", "wait", followed, { ...its(), node: make.node("n1", { bootID: "boot-2" }) }],
  ["the repair ends when the successor is in service", "end Healed replaced", followed, { ...its(served), ...noNode }],
  ["not before recovery-hold", "wait", followed, { ...its({ ...served, stateForMs: 0, successorHealthyForMs: minuteMs - 1 }), ...noNode }],
  ["not while the owner is at work", "wait", followed, { ...its({ ...served, state: "under-way" }), ...noNode }],
  ["a successor that never comes is held", "end Held replacement-failed", followed, { ...its({ ...served, successorHealthyForMs: 0 }), ...noNode }],
  ["a held repair ends with its successor, too", "end Healed replaced", { ...followed, phase: "Held" }, { ...its(served), ...noNode }],
  ["and is followed again when its owner takes it up", "enter Recovering", { ...followed, phase: "Held" }, its()],
  ["a successor of the same name ends as replaced", "end Healed replaced", { ...followed, phase: "Unfencing", marks: {} }, { ...make.well, ...its({ state: "done" }), node: otherMachine, healthyForMs: minuteMs }],
  ["not while the owner is at work, either", "wait", { ...followed, phase: "Unfencing", marks: {} }, { ...make.well, ...its(), node: otherMachine, healthyForMs: minuteMs }],
  ["an attempt on a successor that is ill gives the taint back first", "run untaint", anew, { node: otherMachine }],
  ["not while old pods are untouched", "wait", anew, { node: otherMachine, untouchedPods: 1 }],
  ["then the cordon", "run uncordon", { ...anew, marks: make.cordonMark }, { node: otherMachine }],
  ["and ends, so that a repair of its own begins", "end Recovered node-replaced", { ...anew, marks: {} }, { node: otherMachine }],
  ["also before any act", "run uncordon", { ...anew, marks: make.cordonMark, hasActed: false }, { node: { ...otherMachine, uid: "uid-n1" } }],
  ["also one that comes while the Node is drained", "enter Cordoning", { ...anew, phase: "Draining", marks: make.cordonMark }, { node: otherMachine, isSilent: false }],
  ["one that registers while the old machine is looked at is not released", "enter Cordoning", { ...anew, phase: "Fencing" }, { ...make.proven, node: otherMachine }],
  ["nor one that shows no other boot", "hold identity-changed", { ...anew, phase: "Fencing" }, { ...make.proven, node: { ...otherMachine, uid: "uid-n1", bootID: "boot-1" } }],
  ["one that does not name its machine is known by its Node", "enter Releasing", { ...anew, phase: "Fencing" }, { ...make.proven, node: make.node("n1", { systemUUID: "", bootID: "" }) }],
  ["a successor that is well is returned", "enter Recovering", anew, { ...make.well, node: otherMachine }],
  ["without a record of it a replacement is what it was", "next rung", { ...followed, replacement: undefined } as object, { rungForMs: hourMs }],
];

for (const [name, expected, record, seen, more] of rows) {
  test(name, () => {
    expect(step(record, seen, more)).toBe(expected);
  });
}
