import fc from "fast-check";
import { expect, test } from "vitest";
import type { Act, RepairDoer } from "../../support/repair-doer.ts";
import { runRepair, type Scenario, scenario } from "../../support/repair-run.ts";

/** One seed for all rules, so that they look at the same thousand runs; fast-check prints it with a counterexample. */
const runs = { numRuns: 1_000, seed: Number(process.env.ACESO_SEED ?? Math.floor(Math.random() * 2 ** 31)) };
const known = new Map<string, RepairDoer>();

function runOnce(it: Scenario): RepairDoer {
  const key = JSON.stringify(it);
  const doer = known.get(key) ?? runRepair(it);
  known.set(key, doer);
  return doer;
}

const rule = (check: (doer: RepairDoer, it: Scenario) => void) =>
  fc.assert(
    fc.property(scenario, (it) => check(runOnce(it), it)),
    runs,
  );
/** A call that may have done something; one that was refused certainly did not. */
const counts = (act: Act) => act.luck !== "refused" && act.luck !== "gives-up";

// The runs that all rules look at are made here.
test("every repair ends in Healed, Recovered or Held, whatever fails and whoever dies", { timeout: 60_000 }, () => {
  const ends = { Healed: 0, Recovered: 0, Held: 0 };
  rule((doer) => {
    expect(["Healed", "Recovered", "Held"]).toContain(doer.record.phase);
    ends[doer.record.phase as keyof typeof ends] += 1;
  });
  expect(Math.min(ends.Healed, ends.Recovered, ends.Held)).toBeGreaterThan(0);
});

test("no destructive effect is asked for more than once an attempt, nor by more attempts than a rung has", () => {
  rule((doer) => {
    const destructive = doer.acts.filter((it) =>
      ["power-off", "soft-reboot", "hard-reboot", "rebuild", "replace"].includes(it.effect),
    );
    const asked = destructive.filter(counts).map((it) => `${it.attempt} ${it.effect}`);
    expect(new Set(asked).size).toBe(asked.length);
    const most = { "soft-reboot": 1, "hard-reboot": 1, "power-cycle": 2, rebuild: 1, replace: 1 };
    for (const { record } of destructive) expect(record.attempt).toBeLessThanOrEqual(most[record.rung ?? "rebuild"]);
  });
});

test("nothing is tainted without proof, of a machine that is off, with the evidence written down before", () => {
  rule((doer, { mode }) => {
    for (const { record, seen, truth } of doer.acts.filter((it) => it.effect === "taint")) {
      expect(seen.isSilent).toBe(true);
      expect(record.evidence.at(-1)?.value).toBe(mode === "unproven" ? "unproven" : "off");
      if (mode === "unproven") expect([seen.isReady, seen.isMute]).toEqual([false, true]);
      else expect([truth.power, seen.proof !== undefined]).toEqual(["off", true]);
    }
  });
});

test("pods are force-deleted only with proof, on a tainted node whose machine is off", () => {
  rule((doer) => {
    for (const { seen, truth } of doer.acts.filter((it) => it.effect === "force-delete")) {
      expect([seen.proof !== undefined, truth.isTainted, truth.power]).toEqual([true, true, "off"]);
    }
  });
});

test("a Node is deleted only when its machine is gone, tainted by us, its pods free, and it is still that machine's", () => {
  let count = 0;
  rule((doer) => {
    for (const { seen, truth, record } of doer.acts.filter((it) => it.effect === "delete-node")) {
      count += 1;
      expect([truth.isGone, truth.isTainted, seen.isSilent, seen.replacement?.isOldGone]).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect([seen.node?.uid, seen.node?.systemUUID, seen.node?.bootID]).toEqual([
        record.identity?.nodeUid,
        record.identity?.systemUUID,
        record.identity?.bootID,
      ]);
      const isReleased = seen.releasablePods + seen.attachments === 0;
      expect(isReleased || record.isReleaseOverdue || seen.phaseForMs >= 90_000).toBe(true);
    }
  });
  expect(count).toBeGreaterThan(0);
});

test("a machine is replaced once, and a replaced machine's repair ends as healed", () => {
  let count = 0;
  rule(({ owner, record }, { events }) => {
    if (owner === undefined) return;
    expect(owner.begun).toBeLessThanOrEqual(1);
    if (owner.begun === 0 || events.length > 0) return;
    count += 1;
    expect([record.phase, record.reason]).toEqual(["Healed", "replaced"]);
  });
  expect(count).toBeGreaterThan(0);
});

test("a machine is switched off only on a live read that does not say off, of a node that is sick", () => {
  rule((doer) => {
    for (const { seen } of doer.acts.filter((it) => it.effect === "power-off")) {
      expect(["on", "changing", "unknown"]).toContain(seen.power);
      expect(seen.isSick).toBe(true);
    }
  });
});

test("no taint stays on a living node, but one that came back with the boot that was fenced and waits for a reboot", () => {
  rule((doer) => {
    const { world, record } = doer;
    const isAlive = world.isKubeletAlive && world.power === "on";
    if (!world.isTainted || !isAlive) return;
    expect(record.phase).toBe("Held");
    expect(world.node?.bootID).toBe(record.identity?.bootID);
  });
});

test("a healed or recovered node carries nothing of ours, and a person's cordon stays", () => {
  rule((doer, { isCordonedByPerson, events }) => {
    const { node } = doer.world;
    // The cordon of a machine that is no more went with its Node.
    if (doer.record.reason === "replaced" && node?.uid !== "uid-n1") return;
    if (doer.record.phase === "Held" || node === undefined) return;
    const isOther = events.some((it) => it.what === "uncordon" || it.what === "delete-node");
    if (!isOther) expect(node.isUnschedulable).toBe(isCordonedByPerson);
    if (doer.record.reason === "node-replaced") return;
    expect(node.taints).toEqual([]);
    expect(node.annotations).toEqual({});
  });
});
