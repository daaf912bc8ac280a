import { expect, test } from "vitest";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import * as make from "../../support/core-builders.ts";
import { failed, open, type Row, result, step } from "../../support/step-words.ts";

const unknownReboot = { effect: "soft-reboot", outcome: "unknown", message: "", endedAtWallMs: 0 } as const;
const newBoot = make.node("n1", { bootID: "boot-2" });
const both = { ...make.cordonMark, ...make.taintMark };
const personal = { cordon: { wasUnschedulable: true, atWallMs: 0 } };
const off = make.proven;
/** A repair without a rung, as without a provider. */
const noRung: object = { rung: undefined };

// biome-ignore format: a table, one row a case
const rows: Row[] = [
  ["a machine that is off is switched on", "run power-on", { phase: "Restoring" }, { power: "off" }],
  ["found off, it waits for the countdown", "hold countdown", { phase: "Restoring", plan: make.plan({ foundOff: true }) }, { power: "off", isDue: false }],
  ["found off and cordoned by a person, it stays off", "end Held cordoned-by-person", { phase: "Restoring", plan: make.plan({ foundOff: true }), marks: personal }, { power: "off" }],
  ["beyond the budget it stays off", "end Held ladder-exhausted", { phase: "Restoring", attempt: 3 }, { power: "off" }],
  ["a long pause before the first power-on fails no rung", "run power-on", { phase: "Restoring" }, { power: "off", phaseForMs: hourMs }],
  ["a machine that does not come on leads to the next attempt", "next rung", { phase: "Restoring", ...result("power-on") }, { power: "off", rungForMs: hourMs }],
  ["a machine that was switched on a moment ago is waited for", "wait", { phase: "Restoring", ...result("power-on") }, { power: "off", resultForMs: 6_000 }],
  ["also when nobody heard the answer", "wait", { phase: "Restoring", ...result("power-on", { outcome: "unknown", endedAtWallMs: 1_000 }) }, { power: "off", resultForMs: 6_000 }],
  ["but not again when the power-on had its whole time", "run power-on", { phase: "Restoring", ...result("power-on", { outcome: "unknown", endedAtWallMs: minuteMs }) }, { power: "off", resultForMs: 6_000 }],
  ["a failure of another effect is not the power-on's", "run power-on", { phase: "Restoring", ...result("force-delete", failed("give-up")) }, { power: "off" }],
  ["a machine that reads on is waited for", "enter Recovering", { phase: "Restoring" }, { power: "on" }],
  ["a reboot is asked for once", "enter Recovering", { phase: "Restoring", rung: "soft-reboot", result: { ...unknownReboot, id: "r1/soft-reboot-1/soft-reboot-1" } }, {}],
  ["a rebuild needs proof", "wait", { phase: "Restoring", rung: "rebuild" }, { power: "off" }],
  ["a rebuild runs with proof", "run rebuild", { phase: "Restoring", rung: "rebuild" }, off],
  ["a rebuild that was asked for is followed by power-on", "run power-on", { phase: "Restoring", rung: "rebuild", attempts: [{ rung: "rebuild", count: 1, lastAtWallMs: 0 }] }, off],
  ["an untainted node is back after recovery-hold", "enter Unfencing", { phase: "Recovering" }, { ...make.well, healthyForMs: minuteMs }],
  ["not before", "wait", { phase: "Recovering" }, { ...make.well, healthyForMs: minuteMs - 1 }],
  ["a tainted node is back with a new boot", "enter Unfencing", { phase: "Recovering", marks: both }, { node: newBoot }],
  ["not while a pod of old is untouched", "wait", { phase: "Recovering", marks: both }, { node: newBoot, untouchedPods: 1 }],
  ["back with the old boot it waits for a reboot", "end Held reboot-it", { phase: "Recovering", marks: both }, { ...make.well, livingForMs: 2 * minuteMs }],
  ["or is returned where no reboot is required", "enter Unfencing", { phase: "Recovering", marks: both, plan: make.plan({ requireReboot: false }) }, make.well],
  ["not while a volume is in use", "wait", { phase: "Recovering", marks: both, plan: make.plan({ requireReboot: false }) }, { ...make.well, attachments: 1 }],
  ["not while nobody knows whether it lives", "wait", { phase: "Recovering", marks: both, plan: make.plan({ requireReboot: false }) }, { ...make.well, isLeaseMoving: false }],
  ["a rung whose time is over climbs only for the sick", "next rung", { phase: "Recovering" }, { rungForMs: hourMs }],
  ["the well are waited for", "wait", { phase: "Recovering" }, { ...make.well, rungForMs: hourMs }],
  ["a Node that does not come back ends as held", "end Held node-gone", { phase: "Recovering" }, { node: undefined, rungForMs: hourMs }],
  ["without a provider a node that dies again is fenced again", "enter Cordoning", { phase: "Recovering", ...noRung, plan: make.plan({ mode: "unproven" }), hasActed: true }, {}],
  ["also while its cordon still waits", "enter Cordoning", { phase: "Unfencing", ...noRung, plan: make.plan({ mode: "unproven" }), hasActed: true }, {}],
  ["not before its checks' time is over", "wait", { phase: "Recovering", ...noRung, plan: make.plan({ mode: "unproven" }), hasActed: true }, { isDue: false }],
  ["a repair made anew that dies again is held", "end Held record-lost", { phase: "Unfencing", ...noRung, hasActed: true }, {}],
  ["the taint goes first", "run untaint", { phase: "Unfencing", hasActed: true, marks: both }, { node: newBoot }],
  ["the cordon waits for recovery-hold", "wait", { phase: "Unfencing", hasActed: true }, make.well],
  ["then it goes", "run uncordon", { phase: "Unfencing", hasActed: true }, { ...make.well, healthyForMs: minuteMs }],
  ["then the node is healed", "end Healed healed", { phase: "Unfencing", hasActed: true, marks: {} }, { ...make.well, healthyForMs: minuteMs }],
  ["a repair that never acted ends as recovered", "end Recovered recovered", { phase: "Unfencing", marks: {} }, make.well],
  ["a held node that is well again is unfenced", "enter Unfencing", { phase: "Held" }, { ...make.well, healthyForMs: minuteMs }],
  ["a held node that is not waits", "wait", { phase: "Held" }, {}],
  ["what is over stays over", "nothing", { phase: "Healed" }, {}],
  ["an intent without result lets its deadline pass", "wait", { phase: "Fencing", ...open("power-off") }, { power: "on", intentForMs: 59999 }],
  ["then it is settled before anything else", "settle", { phase: "Fencing", ...open("power-off") }, { ...off, intentForMs: minuteMs }],
];

for (const [name, expected, record, seen, more] of rows) {
  test(name, () => {
    expect(step(record, seen, more)).toBe(expected);
  });
}
