import { expect, test } from "vitest";
import { hold } from "../../../src/core/hold.ts";
import { nextStep } from "../../../src/core/repair-machine.ts";
import type { Situation } from "../../../src/core/step.ts";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import * as make from "../../support/core-builders.ts";
import { failed, type Row, result, step } from "../../support/step-words.ts";

const free = make.node("n1", { ...make.notReady });
const newBoot = make.node("n1", { bootID: "boot-2" });
const newNode = make.node("n1", { uid: "another" });
const both = { ...make.cordonMark, ...make.taintMark };
const off = make.proven;
const blocked: Partial<Situation> = { guard: () => hold("paused") };

// biome-ignore format: a table, one row a case
const rows: Row[] = [
  ["a node is cordoned first", "run cordon", { marks: {} }, { node: free }],
  ["a cordon that somebody took away is set again", "run cordon", {}, { node: free }],
  ["a paused repair does not cordon", "hold paused", { marks: {} }, { node: free }, blocked],
  ["a silent node goes on to fencing", "enter Fencing", {}, {}],
  ["a living node is drained first", "enter Draining", {}, { isSilent: false, isLeaseMoving: true }],
  ["a silent node is not rebooted through its own system", "next rung, skipping", { rung: "soft-reboot" }, {}],
  ["without provider a cordoned node is released", "enter Releasing", { plan: make.plan({ mode: "unproven" }) }, {}],
  ["a node that recovered before any act is given back", "enter Unfencing", {}, make.well],
  ["a node that a new leader does not know yet is waited for", "wait", {}, { ...make.well, isWell: false }],
  ["a node that a person asked for is repaired though it is well", "enter Draining", { plan: make.plan({ isRequested: true }) }, { ...make.well, node: make.seen().node }],
  ["a Node removed before any act ends the repair", "end Recovered node-gone", {}, { node: undefined }],
  ["a Node replaced before any act ends the repair", "end Recovered node-replaced", {}, { node: newNode }],
  ["no further attempt is made on a machine whose Node is gone", "end Held node-gone", { hasActed: true }, { node: undefined }],
  ["a drained node goes on", "enter Fencing", { phase: "Draining" }, { isSilent: false }],
  ["a drained node is rebooted by a reboot rung", "enter Restoring", { phase: "Draining", rung: "hard-reboot" }, { isSilent: false }],
  ["pods are evicted", "run drain", { phase: "Draining" }, { isSilent: false, evictablePods: 1 }],
  ["draining ends after its time", "enter Fencing", { phase: "Draining" }, { isSilent: false, evictablePods: 1, phaseForMs: hourMs }],
  ["a node that falls silent is not drained on", "enter Fencing", { phase: "Draining" }, { evictablePods: 1 }],
  ["two reads of off need no power-off", "enter Releasing", { phase: "Fencing" }, off],
  ["one read of off waits for the second", "wait", { phase: "Fencing" }, { power: "off" }],
  ["a machine that reads on is switched off", "run power-off", { phase: "Fencing" }, { power: "on" }],
  ["a machine of unknown power is switched off, not taken for off", "run power-off", { phase: "Fencing" }, { power: "unknown" }],
  ["a provider that cannot be asked holds", "hold provider-unknown", { phase: "Fencing" }, { power: "unreadable" }],
  ["a machine in the middle of a change is waited for", "wait", { phase: "Fencing" }, { power: "changing" }],
  ["a machine that somebody switched on is left on during the countdown", "hold countdown", { phase: "Fencing" }, { power: "on", isDue: false }],
  ["no machine is switched off beyond the budget", "end Held ladder-exhausted", { phase: "Fencing", attempt: 3 }, { power: "on" }],
  ["after power-off the machine is waited for", "wait", { phase: "Fencing", ...result("power-off") }, { power: "on", resultForMs: 0, phaseForMs: hourMs }],
  ["a power-off of unknown outcome is not repeated", "wait", { phase: "Fencing", ...result("power-off", { outcome: "unknown", remedy: "re-read" }) }, { power: "on", resultForMs: minuteMs }],
  ["a machine that stays on leads to the next attempt", "next rung", { phase: "Fencing", ...result("power-off") }, { power: "on", resultForMs: hourMs }],
  ["a refused power-off is tried again", "run power-off", { phase: "Fencing", ...result("power-off", failed("retry")) }, { power: "on" }],
  ["a refused power-off ends the attempt after its time", "next rung", { phase: "Fencing", ...result("power-off", failed("retry")) }, { power: "on", phaseForMs: hourMs }],
  ["a pause costs no attempt", "hold paused", { phase: "Fencing", ...result("power-off", failed("retry")) }, { power: "on", phaseForMs: hourMs }, blocked],
  ["a power-off that cannot be done ends as held", "end Held power-off-failed", { phase: "Fencing", ...result("power-off", failed("give-up")) }, { power: "on" }],
  ["a provider that asks for a person ends as held", "end Held ask-operator", { phase: "Fencing", ...result("power-off", failed("ask-operator")) }, { power: "on" }],
  ["a person's word releases", "enter Releasing", { phase: "Fencing" }, { power: "unknown", isConfirmedOff: true }],
  ["proof and silence taint", "run taint", { phase: "Releasing" }, off],
  ["proof without silence waits", "hold not-silent-yet", { phase: "Releasing" }, { ...off, isSilent: false }],
  ["a machine that reads off while its kubelet lives is not this one", "end Held machine-mismatch", { phase: "Releasing" }, { ...off, isSilent: false, phaseForMs: hourMs }],
  ["no proof, no taint", "hold provider-unknown", { phase: "Releasing" }, { power: "unknown" }],
  ["a person's word taints", "run taint", { phase: "Releasing" }, { power: "unknown", isConfirmedOff: true }],
  ["but never force-deletes", "wait", { phase: "Releasing", marks: both }, { power: "unknown", isConfirmedOff: true, releasablePods: 1 }],
  ["pods are force-deleted with proof and taint", "run force-delete", { phase: "Releasing", marks: both }, { ...off, releasablePods: 1 }],
  ["stale proof deletes nothing", "wait", { phase: "Releasing", marks: both }, { power: "off", releasablePods: 1 }],
  ["free pods and volumes end the release", "enter Restoring", { phase: "Releasing", marks: both }, off],
  ["a volume still attached is waited for", "wait", { phase: "Releasing", marks: both }, { ...off, attachments: 1 }],
  ["a pod that never goes does not hold the machine for ever", "enter Restoring with alarm", { phase: "Releasing", marks: both }, { ...off, releasablePods: 1, phaseForMs: hourMs }],
  ["a moving Lease takes the taint back", "run untaint", { phase: "Releasing", marks: both }, { ...off, isSilent: false, isLeaseMoving: true }],
  ["a leader that does not know yet takes nothing back", "enter Restoring", { phase: "Releasing", marks: both }, { ...off, isSilent: false }],
  ["a machine that reads on takes the taint back", "run untaint", { phase: "Releasing", marks: both }, { power: "on" }],
  ["a new boot takes the taint back", "run untaint", { phase: "Releasing", marks: both }, { ...off, node: newBoot }],
  ["a machine that lives before the taint is not released", "enter Recovering", { phase: "Releasing" }, { power: "on" }],
];

for (const [name, expected, record, seen, more] of rows) {
  test(name, () => {
    expect(step(record, seen, more)).toBe(expected);
  });
}

test("the boot that is fenced is the one that the Node shows, not the one of an earlier attempt", () => {
  const step = nextStep(make.situation({ phase: "Fencing", hasActed: true }, { ...off, node: newBoot }));
  expect(step).toMatchObject({ phase: "Releasing", identity: { bootID: "boot-2", nodeUid: "uid-n1" } });
});

test("a machine that reads off without our act is told as found off", () => {
  expect(nextStep(make.situation({ phase: "Fencing" }, off))).toMatchObject({ plan: { foundOff: true } });
  expect(nextStep(make.situation({ phase: "Fencing", hasActed: true }, off))).toMatchObject({
    plan: { foundOff: false },
  });
});
