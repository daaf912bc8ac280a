import type { NodeName } from "../../../src/core/model.ts";
import type { Ward, WardNodes } from "../../../src/http/ward.ts";
import {
  around,
  calmWard,
  heldPatient,
  observer,
  pastRepair,
  releasingPatient,
  watchedPatient,
} from "../../support/ward-builders.ts";

/** A bad night: one node of each kind that there is to look at. */
export function busyWard(wallMs: number): Ward {
  const at = around(wallMs);
  const paused = heldPatient(at, "worker-9", {
    reason: "paused",
    isPaused: true,
    sentence:
      "worker-9 is not touched (paused): A person paused Aceso for the cluster, this node, or this repair. Cause: its kubelet is silent.",
    next: {
      what: "Nothing new begins while the pause lasts. What was healed is still returned to service.",
      at: at(3_600),
    },
    wouldChange: ["the pause ends, or somebody runs: aceso resume worker-9 (aceso resume for the whole cluster)"],
  });
  const failing = ["worker-3", "worker-5", "worker-7"] as NodeName[];
  return calmWard(at, {
    revision: 2,
    nodes: { total: 12, notWell: 4, byState: { Well: 8, Held: 2, Releasing: 1, Watched: 1 } },
    pauses: [
      {
        scope: "node",
        node: "worker-9" as NodeName,
        reason: "swapping its disk",
        by: "ada@example.org",
        until: at(3_600),
      },
    ],
    patients: [heldPatient(at, "worker-7"), releasingPatient(at, "worker-3"), watchedPatient(at, "worker-5"), paused],
    observers: [
      observer(at, "aceso-1", "master-1", { failing, failingCount: 3 }),
      observer(at, "aceso-2", "worker-1", { failing: failing.slice(0, 1), failingCount: 1 }),
      observer(at, "aceso-3", "worker-5", { isFresh: false, seenAt: at(-200) }),
    ],
    timeline: [
      pastRepair(at, "worker-3", -240),
      pastRepair(at, "worker-11", -7_200, { outcome: "Held", reason: "power-off-failed" }),
      pastRepair(at, "worker-2", -90_000, { outcome: "Recovered", rung: null, phases: [] }),
    ],
  });
}

/** One master, all others workers, all well. */
export function manyBeds(count: number): WardNodes["nodes"] {
  return Array.from({ length: count }, (_, index) => ({
    name: (index === 0 ? "master-1" : `worker-${index}`) as NodeName,
    role: index === 0 ? "master" : "worker",
    state: "Well",
    reason: "well",
  }));
}
