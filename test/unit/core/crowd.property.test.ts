import fc from "fast-check";
import { expect, test } from "vitest";
import { crowdOf } from "../../../src/core/crowd.ts";
import { healthOf } from "../../../src/core/health.ts";
import { isActive, type RepairRecord } from "../../../src/core/record.ts";
import { hourMs } from "../../../src/core/time.ts";
import type { ClusterView } from "../../../src/core/view.ts";
import { now } from "../../support/core-builders.ts";
import { clusterView } from "../../support/core-views.ts";

const slotPhases = ["Cordoning", "Draining", "Fencing", "Releasing", "Restoring"];

/** Repairs of the last hour, each by its node and the moment it began. */
function plainStarts(view: ClusterView, records: readonly RepairRecord[]): number[] {
  const starts = records.flatMap(({ node, history, ...it }) => [
    ...(isActive({ node, history, ...it }) ? [`${node}@${it.startedAtWallMs}`] : []),
    ...history.map((past) => `${node}@${past.startedAtWallMs}`),
  ]);
  const times = [...new Set(starts)].map((it) => Number(it.split("@")[1]));
  return times.filter((it) => it > view.cautiousWallMs - hourMs).sort((a, b) => a - b);
}

test("what is counted once a pass is what each node would count for itself", () => {
  let [repairs, starts] = [0, 0];
  fc.assert(
    fc.property(clusterView, (view) => {
      const records = [...view.records.values()].flatMap((it) => (it.kind === "record" ? [it.record] : []));
      const crowd = crowdOf(view, now);
      for (const node of view.nodes.values()) expect(crowd.health.get(node.name)).toEqual(healthOf(node, view, now));
      expect(crowd.sickCount).toBe([...view.nodes.values()].filter((it) => healthOf(it, view, now).isSick).length);
      expect(new Set(crowd.inSlots)).toEqual(new Set(records.filter((it) => slotPhases.includes(it.phase ?? ""))));
      expect(crowd.startsOfHour).toEqual(plainStarts(view, records));
      repairs += crowd.inSlots.length;
      starts += crowd.startsOfHour.length;
    }),
    { numRuns: 300 },
  );
  expect(Math.min(repairs, starts)).toBeGreaterThan(20);
});
