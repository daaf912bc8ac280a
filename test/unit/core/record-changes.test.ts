import { expect, test } from "vitest";
import { withTaintEvidence } from "../../../src/core/evidence.ts";
import { attemptsAt, chooseRung } from "../../../src/core/ladder.ts";
import type { Effect } from "../../../src/core/record.ts";
import * as change from "../../../src/core/record-changes.ts";
import { absorbMarks, remake, withoutStaleWord } from "../../../src/core/record-marks.ts";
import { answerRequest } from "../../../src/core/requests.ts";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import { marksAnnotation, outOfServiceTaint } from "../../../src/core/view.ts";
import * as make from "../../support/core-builders.ts";

const { now, record } = make;
const writer = { leader: "self", leaseTransitions: 2 };
const intend = (effect: Effect, changes = {}) =>
  change.withIntent(record(changes), { effect, id: "i", startedAtWallMs: 0, deadlineMs: 1 }, writer, now.wallMs);
const marked = (repairId: string, marks: object) => ({
  [marksAnnotation]: JSON.stringify({ repairId, bootID: "boot-1", marks }),
});
const policy = make.policy();
const justNow = { askedAtWallMs: now.wallMs };

test("an intent spends the attempt in the same write, once however often it is written", () => {
  const once = intend("power-off");
  expect(once.attempts).toEqual([{ rung: "power-cycle", count: 1, lastAtWallMs: now.wallMs }]);
  expect(intend("power-on", { attempts: once.attempts }).attempts).toEqual(once.attempts);
  expect(intend("power-off", { rung: "rebuild" }).attempts).toEqual([]);
});

test("cordon and drain are no acts that must be brought to an end; everything else is", () => {
  expect([intend("cordon"), intend("drain"), intend("taint"), intend("power-on")].map((it) => it.hasActed)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test("a machine that we switch off was not found off", () => {
  expect(intend("power-off", { plan: make.plan({ foundOff: true }) }).plan?.foundOff).toBe(false);
});

test("a new repair freezes the identity and keeps history, but no mark, evidence, intent or word of the last", () => {
  const old = record({
    marks: make.cordonMark,
    history: [{ startedAtWallMs: 1, endedAtWallMs: 2, outcome: "Held", reason: "x" }],
    confirmedOff: { bootID: "b", atWallMs: 1 },
    hasActed: true,
  });
  const begun = change.begin(
    old,
    {
      id: "r2",
      node: make.node("n1", { bootID: "b9" }),
      plan: make.plan(),
      rung: "power-cycle",
      attempt: 1,
      machine: "m",
      because: "sick",
      request: "q1",
    },
    writer,
    now.wallMs,
  );
  expect(begun).toMatchObject({
    id: "r2",
    phase: "Cordoning",
    marks: {},
    evidence: [],
    hasActed: false,
    handledRequest: "q1",
    identity: { bootID: "b9", machine: "m" },
  });
  expect([begun.history.length, begun.confirmedOff, begun.intent]).toEqual([1, undefined, undefined]);
});

test("a count that decayed does not read as this attempt's own act", () => {
  const attempts = [{ rung: "rebuild", count: 1, lastAtWallMs: now.wallMs - 48 * hourMs }] as const;
  expect(change.nextAttempt(record({ attempts }), { rung: "rebuild", attempt: 1 }, "x", now.wallMs).attempts).toEqual(
    [],
  );
  expect(
    change.nextAttempt(
      record({ attempts: [{ ...attempts[0], rung: "power-cycle" }] }),
      { rung: "power-cycle", attempt: 2 },
      "x",
      now.wallMs,
    ).attempts,
  ).toHaveLength(1);
});

test("marks on the Node are believed when they are of this repair, and only then", () => {
  const ours = make.node("n1", { annotations: marked("r1", make.cordonMark), taints: [outOfServiceTaint] });
  expect(absorbMarks(record(), ours).marks).toEqual(make.cordonMark);
  const others = make.node("n1", { annotations: marked("r0", make.cordonMark) });
  expect(absorbMarks(record(), others).marks).toEqual({});
});

test("a taint that is gone from the Node is gone from the record; a cordon that somebody took away stays known", () => {
  const its = record({ marks: { ...make.cordonMark, ...make.taintMark } });
  expect(absorbMarks(its, make.node("n1")).marks).toEqual(make.cordonMark);
});

test("another Node of the same name carries only the marks that stand on itself", () => {
  const its = record({ marks: make.cordonMark });
  expect(absorbMarks(its, make.node("n1", { uid: "new" })).marks).toEqual({});
  const cordoned = make.node("n1", { uid: "new", annotations: marked("r1", make.cordonMark) });
  expect(absorbMarks(its, cordoned).marks).toEqual(make.cordonMark);
});

test("a lost record is made anew as held, its attempts spent, with the boot that was fenced", () => {
  const node = make.node("n1", {
    bootID: "boot-7",
    taints: [outOfServiceTaint],
    annotations: marked("r5", { ...make.cordonMark, ...make.taintMark }),
  });
  const made = remake(make.emptyRecord("n1"), node, "record-lost", "gone", policy, writer, "new", now.wallMs);
  expect(made).toMatchObject({
    id: "r5",
    phase: "Held",
    reason: "record-lost",
    identity: { bootID: "boot-1" },
    hasActed: true,
    marks: make.taintMark,
  });
  expect(chooseRung(policy.ladder.worker, undefined, true, made.attempts, policy, now.wallMs)).toBeUndefined();
});

test("marks that cannot be read: the taint is ours, the cordon may be a person's, and no old request is answered again", () => {
  const node = make.node("n1", {
    annotations: { [marksAnnotation]: "{" },
    taints: [outOfServiceTaint],
    isUnschedulable: true,
  });
  const empty = {
    ...make.emptyRecord("n1"),
    wishes: { request: { id: "q1", kind: "release-hold" as const, ...justNow } },
  };
  const made = remake(empty, node, "record-invalid", "nonsense", policy, writer, "new", now.wallMs);
  expect(made.marks).toMatchObject({ outOfService: {}, cordon: { wasUnschedulable: true } });
  expect(made.handledRequest).toBe("q1");
  expect(answerRequest(made, policy, true, now.wallMs)).toBeUndefined();
});

test("a machine that did not read on before our power-off may be a person's act", () => {
  const intent = { effect: "power-off", id: "i", startedAtWallMs: 0, deadlineMs: 1 } as const;
  const off = (wasOn: boolean) => change.withIntent(record(), intent, writer, now.wallMs, wasOn).plan?.foundOff;
  expect([off(true), off(false)]).toEqual([false, true]);
});

test("a person's word that a machine is off ends with the first sign of life and with another boot", () => {
  const told = record({ confirmedOff: { bootID: "boot-1", atWallMs: now.wallMs } });
  const word = (node: ReturnType<typeof make.node>, isMoving: boolean) =>
    withoutStaleWord(told, node, isMoving).confirmedOff;
  expect(word(make.node("n1", { bootID: "boot-1" }), false)).toBeDefined();
  expect(word(make.node("n1", { bootID: "boot-1" }), true)).toBeUndefined();
  expect(word(make.node("n1", { bootID: "boot-2" }), false)).toBeUndefined();
});

test("evidence keeps the last five pieces and each once; the taint's is two reads, or that nothing proves it", () => {
  const seen = make.seen(make.proven);
  const told = withTaintEvidence(withTaintEvidence(record(), seen, now.wallMs), seen, now.wallMs);
  expect(told.evidence.map((it) => it.value)).toEqual(["off", "off"]);
  const unproven = withTaintEvidence(record({ plan: make.plan({ mode: "unproven" }) }), make.seen(), now.wallMs);
  expect(unproven.evidence).toMatchObject([{ value: "unproven" }]);
  expect(withTaintEvidence(record(), make.seen(), now.wallMs).evidence).toEqual([]);
});

test("rungs are chosen from the bottom, from the first that powers off on a silent node, and attempts decay", () => {
  const ladder = ["soft-reboot", "power-cycle", "rebuild"] as const;
  const spent = (count: number, ms = 0) => [{ rung: "power-cycle", count, lastAtWallMs: now.wallMs - ms }] as const;
  const choose = (isSilent: boolean, attempts: Parameters<typeof chooseRung>[3] = [], from?: "power-cycle") =>
    chooseRung(ladder, from, isSilent, attempts, policy, now.wallMs);
  expect(choose(false)).toEqual({ rung: "soft-reboot", attempt: 1 });
  expect(choose(true)).toEqual({ rung: "power-cycle", attempt: 1 });
  expect(choose(true, spent(1), "power-cycle")).toEqual({ rung: "power-cycle", attempt: 2 });
  expect(choose(true, spent(2), "power-cycle")).toEqual({ rung: "rebuild", attempt: 1 });
  expect(choose(true, [...spent(2), { rung: "rebuild", count: 1, lastAtWallMs: now.wallMs }])).toBeUndefined();
  expect(attemptsAt("power-cycle", spent(2, 24 * hourMs), 24 * hourMs, now.wallMs)).toBe(0);
});

const asked = (kind: "release-hold" | "confirm-off" | "repair", more = {}, changes = {}) =>
  answerRequest(
    record({
      phase: "Held",
      ...changes,
      wishes: { request: { id: "q1", kind, ...justNow, ...more }, requestedBy: "ann" },
    }),
    policy,
    true,
    now.wallMs,
  );

test("a request is answered once, and none where no repair is", () => {
  expect(asked("release-hold", {}, { handledRequest: "q1" })).toBeUndefined();
  expect(asked("release-hold", {}, { phase: "Healed" })).toBeUndefined();
});

test("a released hold begins anew with all attempts, and with no result of the old ones", () => {
  const result = {
    effect: "power-off",
    id: "r1/power-cycle-1/p",
    outcome: "failed",
    message: "",
    endedAtWallMs: 0,
  } as const;
  const released = asked(
    "release-hold",
    {},
    { attempts: [{ rung: "power-cycle", count: 2, lastAtWallMs: now.wallMs }], result },
  );
  expect(released).toMatchObject({
    phase: "Cordoning",
    rung: "power-cycle",
    attempt: 1,
    attempts: [],
    handledRequest: "q1",
  });
  expect(released?.result).toBeUndefined();
});

test("a person's word counts for the repair and boot that it names, and is kept as evidence", () => {
  expect(asked("confirm-off", { repairId: "r1", bootId: "boot-1" })).toMatchObject({
    phase: "Releasing",
    confirmedOff: { bootID: "boot-1" },
    evidence: [{ source: "ann", value: "confirmed-off-by-person" }],
  });
  expect(asked("confirm-off", { repairId: "r0", bootId: "boot-1" })).toMatchObject({
    phase: "Held",
    handledRequest: "q1",
  });
  expect(asked("confirm-off", { repairId: "r1", bootId: "boot-0" })?.confirmedOff).toBeUndefined();
});

test("an end is written into the history, once a repair and at most twenty", () => {
  const history = Array.from({ length: 20 }, (_, index) => ({
    startedAtWallMs: index,
    endedAtWallMs: index,
    outcome: "Held" as const,
    reason: "",
  }));
  const ended = change.end(record({ history }), "Healed", "healed", "back", now.wallMs);
  expect([ended.history.length, ended.history.at(-1)?.outcome]).toEqual([20, "Healed"]);
  expect(change.end(ended, "Held", "x", "y", now.wallMs + minuteMs).history.at(-1)?.outcome).toBe("Held");
});

test("a replacement that was certainly not asked for is forgotten, one that may have been is not", () => {
  const replacement = { machine: "m", plan: "p", atWallMs: 0 };
  const asked = intend("replace", { rung: "replace", replacement });
  const ended = { effect: "replace", id: "i", message: "", endedAtWallMs: 1 } as const;
  expect(change.withResult(asked, { ...ended, outcome: "failed" }).replacement).toBeUndefined();
  expect(change.withResult(asked, { ...ended, outcome: "unknown" }).replacement).toEqual(replacement);
  const earlier = { ...asked, replacement: { ...replacement, atWallMs: -5 } };
  expect(change.withResult(earlier, { ...ended, outcome: "failed" }).replacement?.atWallMs).toBe(-5);
});

test("a hold after an act that was refused stops the rung's time, one after an act that took place does not", () => {
  const ended = { effect: "power-on", id: "i", message: "", endedAtWallMs: 1 } as const;
  const held = (outcome: "failed" | "done") =>
    change.withHold(
      { ...intend("power-on", { phase: "Restoring" }), result: { ...ended, outcome } },
      "interlock",
      "busy",
    );
  expect(held("failed").intent).toBeUndefined();
  expect(held("done").intent).toMatchObject({ id: "i" });
});
