import { describe, expect, test } from "vitest";
import { LeaseElector } from "../../../src/kube/lease-elector.ts";
import type { Term } from "../../../src/ports/leadership.ts";
import { kubeRig, lostAnswer, type Rig } from "./rig.ts";

const settings = { namespace: "aceso", name: "aceso", durationMs: 20_000, renewEveryMs: 5_000 };

/** One candidate whose leader does nothing until its term ends. */
interface Candidate {
  readonly elector: LeaseElector;
  readonly terms: Term[];
  readonly leads: () => Term | undefined;
  readonly stop: () => Promise<void>;
}

function candidate(rig: Rig, instance: string, rest = rig.client(instance)): Candidate {
  const stop = new AbortController();
  const terms: Term[] = [];
  let current: Term | undefined;
  const elector = new LeaseElector(rest, rig.log, { ...settings, identity: instance });
  const lead = async (term: Term) => {
    terms.push(term);
    current = term;
    if (!term.signal.aborted) {
      await new Promise<void>((resolve) => term.signal.addEventListener("abort", () => resolve(), { once: true }));
    }
    current = undefined;
  };
  const run = elector.run(lead, AbortSignal.any([stop.signal, rig.signal]));
  rig.background(run);
  const halt = async () => {
    stop.abort(new Error("stopped"));
    await run;
  };
  return { elector, terms, leads: () => current, stop: halt };
}

const lease = (rig: Rig) =>
  rig.kube.store.get("leases", "aceso/aceso") as { spec: Record<string, unknown> } | undefined;
const isLeader = (one: Candidate) => () => one.leads() !== undefined;

describe("election", () => {
  test("the first candidate makes the Lease with six fraction digits and leads", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    expect(lease(rig)?.spec).toMatchObject({ holderIdentity: "a", leaseDurationSeconds: 20, leaseTransitions: 0 });
    expect(lease(rig)?.spec.renewTime).toMatch(/\.\d{6}Z$/);
    expect(a.leads()?.wasHandedOver).toBe(false);
    expect(a.elector.holder).toBe("a");
  });

  test("never are there two leaders, and followers know the holder", async () => {
    await using rig = await kubeRig();
    const all = ["a", "b", "c"].map((instance) => candidate(rig, instance));
    await rig.clock.runUntil(() => all.some((one) => one.leads()), 5_000, "a leader");
    for (let minute = 0; minute < 5; minute += 1) {
      await rig.clock.advance(60_000);
      expect(all.filter((one) => one.leads())).toHaveLength(1);
    }
    expect(new Set(all.map((one) => one.elector.holder)).size).toBe(1);
  });

  test("a leader that was killed is followed once its lease had stood still for its duration", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    const b = candidate(rig, "b");
    await rig.clock.advance(30_000);
    rig.kube.kill("a");
    const tookMs = await rig.clock.runUntil(isLeader(b), 60_000, "the next leader");
    expect(tookMs).toBeGreaterThanOrEqual(14_900);
    expect(tookMs).toBeLessThanOrEqual(22_000);
    expect(a.leads()).toBe(undefined);
    expect(b.leads()).toMatchObject({ transitions: 1, wasHandedOver: false });
  });

  test("a leader that stops hands over within a second", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    const b = candidate(rig, "b");
    await rig.clock.advance(10_000);
    const stopped = a.stop();
    const tookMs = await rig.clock.runUntil(isLeader(b), 10_000, "the next leader");
    await stopped;
    expect(tookMs).toBeLessThanOrEqual(1_000);
    expect(b.leads()).toMatchObject({ transitions: 1, wasHandedOver: true });
  });

  test("a leader that releases stays out for as long as it said", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    await a.leads()?.release(60_000);
    await rig.clock.advance(30_000);
    expect([a.leads(), lease(rig)?.spec.holderIdentity]).toEqual([undefined, ""]);
    const tookMs = await rig.clock.runUntil(isLeader(a), 60_000, "the second term");
    expect(tookMs).toBeGreaterThan(25_000);
    expect(a.terms).toHaveLength(2);
  });
});

describe("a term", () => {
  test("ends 2 s before an unrenewed lease does, counted from when the last renewal was sent", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    await rig.clock.advance(5_000);
    const term = a.leads()!;
    expect(term.remainingMs(rig.clock.now())).toBe(20_000);
    rig.kube.faults.add({ match: {}, times: Number.POSITIVE_INFINITY, fault: { kind: "stall" } });
    const tookMs = await rig.clock.runUntil(() => term.signal.aborted, 60_000, "the end of the term");
    expect(tookMs).toBe(18_000);
    expect(term.remainingMs(rig.clock.now())).toBe(0);
  });

  test("outlives a failed renewal, a conflict and a lost answer", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    const faults = [
      { kind: "answer", code: 500 },
      { kind: "answer", code: 409, reason: "Conflict" },
      lostAnswer("reset"),
      { kind: "reset" },
    ] as const;
    for (const fault of faults) {
      rig.kube.faults.add({ match: { method: "PATCH", plural: "leases" }, fault });
      await rig.clock.advance(15_000);
    }
    expect(a.terms).toHaveLength(1);
    expect(a.leads()?.signal.aborted).toBe(false);
  });

  test("counts wall time too: after a jump forward nothing is left until the next renewal", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    rig.clock.jumpWall(3_600_000);
    expect(a.leads()?.remainingMs(rig.clock.now())).toBe(0);
    await rig.clock.advance(5_000);
    expect(a.leads()?.remainingMs(rig.clock.now())).toBeGreaterThan(14_000);
  });

  test("ends at once when somebody else took the Lease", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    rig.kube.store.patch("leases", "aceso/aceso", { spec: { holderIdentity: "thief" } });
    const tookMs = await rig.clock.runUntil(() => a.leads() === undefined, 30_000, "the end of the term");
    expect(tookMs).toBeLessThanOrEqual(5_000);
    expect(lease(rig)?.spec.holderIdentity).toBe("thief");
  });

  test("of a frozen process is over when it thaws", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    const term = a.leads()!;
    rig.clock.freeze(60_000);
    expect(term.remainingMs(rig.clock.now())).toBe(0);
    await rig.clock.advance(0);
    await rig.clock.runUntil(() => term.signal.aborted || term.remainingMs(rig.clock.now()) > 0, 10_000, "the thaw");
    expect(a.terms.length).toBeLessThanOrEqual(2);
  });
});

test("a take whose answer was lost is not waited out", async () => {
  await using rig = await kubeRig();
  rig.kube.faults.add({ match: { method: "POST", plural: "leases" }, fault: lostAnswer("reset") });
  const a = candidate(rig, "a");
  const tookMs = await rig.clock.runUntil(isLeader(a), 30_000, "a leader");
  expect(tookMs).toBeLessThanOrEqual(2_000);
});

describe("after a restore of etcd, when versions went back", () => {
  test("no follower takes the Lease of a leader that goes on renewing", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    const b = candidate(rig, "b");
    await rig.clock.advance(30_000);
    rig.kube.store.restore(500);
    await rig.clock.advance(300_000);
    expect([a.terms.length, b.terms.length]).toEqual([1, 0]);
    expect(a.leads()?.signal.aborted).toBe(false);
    expect(b.elector.holder).toBe("a");
  });

  test("the leader writes over the version that it wrote last: one call a renewal", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    rig.kube.store.restore(500);
    await rig.clock.advance(10_000);
    const conflicts = rig.kube.faults.add({
      match: { method: "GET", name: "aceso", plural: "leases" },
      fault: { kind: "reset" },
    });
    await rig.clock.advance(60_000);
    expect(conflicts.hits).toBe(0);
    expect(a.terms).toHaveLength(1);
  });

  test("a leader that died is followed all the same", async () => {
    await using rig = await kubeRig();
    const a = candidate(rig, "a");
    await rig.clock.runUntil(isLeader(a), 5_000, "a leader");
    const b = candidate(rig, "b");
    await rig.clock.advance(30_000);
    rig.kube.store.restore(500);
    rig.kube.kill("a");
    const tookMs = await rig.clock.runUntil(isLeader(b), 120_000, "the next leader");
    expect(tookMs).toBeLessThanOrEqual(45_000);
  });
});
