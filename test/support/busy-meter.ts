import { decide } from "../../src/core/decide.ts";
import { type HoldReason, holdReasons } from "../../src/core/hold.ts";
import { type NodeFacts, rungs } from "../../src/core/model.ts";
import { effects, outcomes, type RepairRecord, workPhases } from "../../src/core/record.ts";
import type { ClusterView } from "../../src/core/view.ts";
import { LeaderGauges } from "../../src/engine/gauges.ts";
import { measureRepair, measureResult } from "../../src/engine/repair-metrics.ts";
import { PrometheusMeter } from "../../src/http/prometheus-meter.ts";
import type { Clock } from "../../src/ports/clock.ts";
import * as make from "./core-builders.ts";

const phases = [...workPhases, ...outcomes];
const holds = Object.keys(holdReasons) as HoldReason[];
const nth = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

/** A clock that stands still at the builders' "now". */
export const stillClock: Pick<Clock, "now"> = { now: () => make.now };

/** A cluster of so many nodes, of which four of five are in some trouble, each with words of its own. */
export function troubledCluster(size: number): ClusterView {
  const nodes = Array.from({ length: size }, (_, index) =>
    make.node(`worker-${index}`, index % 5 === 1 ? make.notReady : {}),
  );
  const records = nodes.flatMap((node, index) => (index % 5 > 1 ? [troubledRecord(node, Math.floor(index / 5))] : []));
  const passive = new Map(
    nodes.flatMap((node, index) => (index % 5 === 1 ? [[node.name, [findingOf(node)]] as const] : [])),
  );
  const observers = Array.from({ length: 40 }, (_, index) => make.observer(`aceso-${index}`));
  return make.view({ nodes, records, passive, observers });
}

const findingOf = (node: NodeFacts) => ({
  check: "NodeCondition",
  message: `Ready=Unknown on ${node.name}`,
  sinceMonoMs: make.ago(600_000),
  unhealthyDurationMs: 60_000,
});

function troubledRecord(node: NodeFacts, index: number): RepairRecord {
  const phase = nth(phases, index);
  return make.record({
    node: node.name,
    id: `repair-${index}`,
    phase,
    rung: nth(rungs, index),
    reason: index % 3 === 0 ? nth(holds, index) : "entered",
    message: `what happened to ${node.name}`,
    isReleaseOverdue: index % 7 === 0,
    result: {
      effect: nth(effects, index),
      id: `${index}`,
      outcome: nth(["done", "failed", "unknown"] as const, index),
      message: `${node.name} said so`,
      endedAtWallMs: make.now.wallMs,
    },
  });
}

/** A meter after all that a leader shows and counts about such a cluster. */
export function busyMeter(view: ClusterView, term = new AbortController().signal): PrometheusMeter {
  const meter = new PrometheusMeter();
  const gauges = new LeaderGauges(meter, stillClock as Clock, term, ["NodeLease", "NodeCondition"]);
  gauges.show(decide(view, make.now), view);
  gauges.showQueue(view.records.size);
  for (const stored of view.records.values()) {
    if (stored.kind !== "record") continue;
    measureRepair(meter, undefined, stored.record);
    measureResult(meter, stored.record);
  }
  return meter;
}
