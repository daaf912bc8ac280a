import fc from "fast-check";
import { expect, test } from "vitest";
import { type Action, decide } from "../../../src/core/decide.ts";
import { limitOf } from "../../../src/core/guards.ts";
import { healthOf } from "../../../src/core/health.ts";
import type { ClusterView } from "../../../src/core/view.ts";
import { now, still } from "../../support/core-builders.ts";
import { clusterView } from "../../support/core-views.ts";

const runs = { numRuns: 1_000 };
const starts = (view: ClusterView) =>
  decide(view, now).actions.filter((it): it is Extract<Action, { kind: "start" }> => it.kind === "start");
const records = (view: ClusterView) =>
  [...view.records.values()].flatMap((it) => (it.kind === "record" ? [it.record] : []));
const working = (view: ClusterView) =>
  records(view).filter((it) => ["Cordoning", "Draining", "Fencing", "Releasing", "Restoring"].includes(it.phase ?? ""));
const sickOf = (view: ClusterView) => [...view.nodes.values()].filter((it) => healthOf(it, view, now).isSick).length;

test("the generated clusters do begin repairs, so the rules below are not empty", () => {
  const sample = fc.sample(clusterView, { numRuns: 300, seed: 1 });
  expect(sample.filter((view) => starts(view).length > 0).length).toBeGreaterThan(30);
});

test("never exceeds max-parallel", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      const begun = starts(view).length;
      expect(begun === 0 || working(view).length + begun <= view.policy.maxParallel).toBe(true);
    }),
    runs,
  );
});

test("never begins more repairs within an hour than max-repairs-per-hour", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      const within = (at: number) => at > view.cautiousWallMs - 3_600_000;
      const earlier = new Set(
        records(view).flatMap((it) =>
          [...(it.phase === undefined ? [] : [it.startedAtWallMs]), ...it.history.map((past) => past.startedAtWallMs)]
            .filter(within)
            .map((at) => `${it.node} ${at}`),
        ),
      ).size;
      const begun = starts(view).length;
      expect(begun === 0 || earlier + begun <= view.policy.maxRepairsPerHour).toBe(true);
    }),
    runs,
  );
});

test("above the systemic limit nothing starts", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      if (sickOf(view) > limitOf(view.policy.maxUnhealthy, view.nodes.size)) expect(starts(view)).toEqual([]);
    }),
    runs,
  );
});

test("protected nodes are never touched: paused, deleting, skipped, autoscaled, not selected, the leader's own", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      for (const { node } of starts(view)) {
        expect(node.annotations["aceso.dev/paused"] ?? "false").toBe("false");
        expect(node.isDeleting).toBe(false);
        expect(node.taints.map((it) => it.key)).not.toContain("node.kubernetes.io/asklepios");
        expect(node.taints.map((it) => it.key)).not.toContain("ToBeDeletedByClusterAutoscaler");
        expect(node.labels).toMatchObject(view.policy.nodeSelector);
        expect(view.policy.monitored[node.role]).toBe(true);
        expect(node.name).not.toBe(view.self.node);
      }
      if (view.policy.isDryRun || view.cluster.kind === "unreadable") expect(starts(view)).toEqual([]);
    }),
    runs,
  );
});

test("nothing starts on an API server that was not read for 15 s", () => {
  fc.assert(
    fc.property(clusterView, fc.option(fc.integer({ min: 15_001, max: 900_000 })), (view, ageMs) => {
      const blind = { ...view, lastReadAtMonoMs: ageMs === null ? undefined : now.monoMs - ageMs };
      expect(starts(blind)).toEqual([]);
    }),
    runs,
  );
});

test("the order of nodes, observers and records is irrelevant, and the same input gives the same output", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      const reversed: ClusterView = {
        ...view,
        nodes: new Map([...view.nodes].reverse()),
        leases: new Map([...view.leases].reverse()),
        records: new Map([...view.records].reverse()),
        machines: new Map([...view.machines].reverse()),
        observers: [...view.observers].reverse(),
      };
      expect(decide(reversed, now)).toEqual(decide(view, now));
      expect(decide(view, now)).toEqual(decide(view, now));
    }),
    runs,
  );
});

test("the time to decide again is later than now", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      const { recheckAtMonoMs } = decide(view, now);
      expect(recheckAtMonoMs === undefined || recheckAtMonoMs > now.monoMs).toBe(true);
    }),
    runs,
  );
});

test("every action says why", () => {
  fc.assert(
    fc.property(clusterView, (view) => {
      for (const action of decide(view, now).actions) {
        const text = action.kind === "hold" ? action.hold.message : action.because;
        expect(action.kind === "repairing" || text.length > 0).toBe(true);
      }
    }),
    runs,
  );
});

test("below the limit a healthier cluster never has more nodes under repair", () => {
  fc.assert(
    fc.property(clusterView, fc.nat(), (view, which) => {
      if (sickOf(view) > limitOf(view.policy.maxUnhealthy, view.nodes.size)) return;
      const names = [...view.nodes.keys()];
      const name = names[which % names.length] ?? "";
      const lease = view.leases.get(name);
      const healed: ClusterView = {
        ...view,
        passive: new Map([...view.passive].filter(([key]) => key !== name)),
        leases: new Map(view.leases).set(name, still(0)),
        observers: view.observers.map((it) => ({ ...it, failing: it.failing.filter((fail) => fail.node !== name) })),
      };
      if (lease === undefined || view.nodes.get(name)?.role === "master") return;
      expect(starts(healed).length).toBeLessThanOrEqual(starts(view).length);
    }),
    runs,
  );
});
