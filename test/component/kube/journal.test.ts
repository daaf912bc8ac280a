import { describe, expect, test } from "vitest";
import { remedyOf } from "../../../src/core/errors.ts";
import type { RepairRecord } from "../../../src/core/record.ts";
import { KubeJournal } from "../../../src/kube/journal.ts";
import { ConflictError, NotFoundError } from "../../../src/kube/status-error.ts";
import { kubeRig, lostAnswer, type Rig } from "./rig.ts";

const wall = 1_767_225_600_000;

const journalOf = (rig: Rig) => new KubeJournal(rig.rest, rig.log);

/** A record in the middle of a repair. */
function fencing(record: RepairRecord, intent = "i1"): RepairRecord {
  return {
    ...record,
    id: "r1",
    phase: "Fencing",
    leader: "a",
    leaseTransitions: 3,
    plan: {
      mode: "silent",
      ladder: ["power-cycle"],
      foundOff: false,
      isRequested: false,
      drainTimeoutMs: 1,
      powerOffTimeoutMs: 2,
      releaseTimeoutMs: 3,
      rungTimeoutMs: 4,
      rebootTimeoutMs: 5,
      recoveryHoldMs: 6,
      requireReboot: true,
    },
    identity: { nodeUid: "u1", providerID: "", systemUUID: "s1", bootID: "b1" },
    startedAtWallMs: wall,
    phaseStartedAtWallMs: wall,
    intent: { effect: "power-off", id: intent, startedAtWallMs: wall, deadlineMs: 60_000 },
  };
}

const stored = (rig: Rig) => rig.kube.store.get("noderepairs", "n1");

test("a record is made, written over and read back", async () => {
  await using rig = await kubeRig();
  const journal = journalOf(rig);
  const empty = await journal.create("n1", rig.signal);
  expect(empty).toMatchObject({ node: "n1", id: "", history: [] });
  const first = await journal.write(fencing(empty), rig.signal);
  expect(first).toEqual({ ...fencing(empty), resourceVersion: first.resourceVersion });
  const { intent: _, ...rest } = first;
  const second = await journal.write({ ...rest, phase: "Healed", outcome: "Healed" }, rig.signal);
  expect(second.intent).toBe(undefined);
  expect(stored(rig)?.status.intent).toBe(undefined);
  expect(await journal.read("n1", rig.signal)).toEqual({ kind: "record", record: second });
  expect(await journal.read("n2", rig.signal)).toBe(undefined);
});

test("people's part of the object is never written", async () => {
  await using rig = await kubeRig();
  const journal = journalOf(rig);
  const empty = await journal.create("n1", rig.signal);
  rig.kube.store.patch("noderepairs", "n1", { spec: { paused: true, reason: "mine" } });
  await expect(journal.write(fencing(empty), rig.signal)).rejects.toBeInstanceOf(ConflictError);
  const live = await journal.read("n1", rig.signal);
  if (live?.kind !== "record") throw new Error("no record");
  const written = await journal.write(fencing(live.record), rig.signal);
  expect(written.wishes).toEqual({ paused: true, reason: "mine" });
});

describe("a write of which nobody knows whether it was stored", () => {
  test.each(["reset", "stall"] as const)("(%s) is told by what the record says", async (how) => {
    await using rig = await kubeRig();
    const journal = journalOf(rig);
    const empty = await journal.create("n1", rig.signal);
    rig.kube.faults.add({ match: { method: "PATCH" }, fault: lostAnswer(how) });
    let written: RepairRecord | undefined;
    const write = journal.write(fencing(empty), rig.signal).then((record) => {
      written = record;
    });
    await rig.clock.runUntil(() => written !== undefined, 30_000, "the write");
    await write;
    expect(written?.resourceVersion).toBe(stored(rig)?.metadata.resourceVersion);
  });

  test("and was not stored, is `re-read`", async () => {
    await using rig = await kubeRig();
    const journal = journalOf(rig);
    const empty = await journal.create("n1", rig.signal);
    rig.kube.faults.add({ match: { method: "PATCH" }, fault: { kind: "reset" } });
    const error = await journal.write(fencing(empty), rig.signal).catch((thrown: unknown) => thrown);
    expect(remedyOf(error)).toBe("re-read");
    expect(stored(rig)?.status?.phase).toBe(undefined);
  });

  test("and another leader wrote meanwhile, is a conflict", async () => {
    await using rig = await kubeRig();
    const journal = journalOf(rig);
    const empty = await journal.create("n1", rig.signal);
    await journal.write(fencing(empty, "of another leader"), rig.signal);
    await expect(journal.write(fencing(empty, "mine"), rig.signal)).rejects.toBeInstanceOf(ConflictError);
  });
});

test("an object that exists is a conflict, one that is gone is not found", async () => {
  await using rig = await kubeRig();
  const journal = journalOf(rig);
  const empty = await journal.create("n1", rig.signal);
  await expect(journal.create("n1", rig.signal)).rejects.toBeInstanceOf(ConflictError);
  rig.kube.store.remove("noderepairs", "n1");
  await expect(journal.write(fencing(empty), rig.signal)).rejects.toBeInstanceOf(NotFoundError);
});

test("records are watched, nonsense and newer layouts included", async () => {
  await using rig = await kubeRig();
  const journal = journalOf(rig);
  const changes: (string | undefined)[] = [];
  journal.onChange((node) => changes.push(node));
  rig.background(journal.run(rig.signal));
  await rig.clock.runUntil(() => journal.isSynced, 5_000, "the list");
  await journal.create("n1", rig.signal);
  await rig.clock.settle();
  rig.kube.store.patch("noderepairs", "n1", { status: { phase: "Levitating" } });
  await rig.clock.settle();
  expect(journal.records().get("n1")).toMatchObject({ kind: "unreadable", unreadable: { isNewer: false } });
  rig.kube.store.patch("noderepairs", "n1", { status: { version: 9 } });
  await rig.clock.settle();
  expect(journal.records().get("n1")).toMatchObject({ kind: "unreadable", unreadable: { isNewer: true } });
  expect(changes).toContain("n1");
});

test("nonsense can be written over as a record", async () => {
  await using rig = await kubeRig();
  const journal = journalOf(rig);
  const empty = await journal.create("n1", rig.signal);
  rig.kube.store.patch("noderepairs", "n1", { status: { phase: 7, intent: { junk: true }, marks: [] } });
  const { resourceVersion } = stored(rig)!.metadata;
  const held = await journal.write(
    { ...empty, resourceVersion: resourceVersion!, id: "r2", phase: "Held", outcome: "Held" },
    rig.signal,
  );
  expect(held).toMatchObject({ id: "r2", phase: "Held" });
  expect(held.intent).toBe(undefined);
});
