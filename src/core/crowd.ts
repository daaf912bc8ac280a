import { healthOf, type NodeHealth } from "./health.ts";
import type { MachineId, NodeName } from "./model.ts";
import { isActive, type RepairRecord } from "./record.ts";
import { hourMs, type Now, type WallMs } from "./time.ts";
import type { ClusterView } from "./view.ts";

/**
 * All nodes together, counted once a pass: guards ask for each sick node, and in a storm thousands are.
 */
export interface Crowd {
  readonly health: ReadonlyMap<NodeName, NodeHealth>;
  readonly sickCount: number;
  /** Names that claim a machine, in order; two are one too many. */
  readonly claimants: ReadonlyMap<MachineId, readonly NodeName[]>;
  /** Repairs that `max-parallel` counts, by name. */
  readonly inSlots: readonly RepairRecord[];
  /** When each repair began that `max-repairs-per-hour` counts, the earliest first. */
  readonly startsOfHour: readonly WallMs[];
}

const slotPhases: readonly string[] = ["Cordoning", "Draining", "Fencing", "Releasing", "Restoring"];

/** Pure. */
export function crowdOf(view: ClusterView, now: Now): Crowd {
  const health = new Map<NodeName, NodeHealth>();
  let sickCount = 0;
  for (const node of view.nodes.values()) {
    const its = healthOf(node, view, now);
    health.set(node.name, its);
    if (its.isSick) sickCount += 1;
  }
  const records = [...view.records.values()].flatMap((it) => (it.kind === "record" ? [it.record] : []));
  return {
    health,
    sickCount,
    claimants: claimantsOf(view),
    inSlots: records.filter(({ phase }) => slotPhases.includes(phase ?? "")).sort(byName),
    startsOfHour: startsSince(view.cautiousWallMs - hourMs, records),
  };
}

const byName = (a: RepairRecord, b: RepairRecord) => (a.node < b.node ? -1 : 1);

function startsSince(sinceWallMs: WallMs, records: readonly RepairRecord[]): WallMs[] {
  // a repair that has ended stands in its history, and for a moment in the record as well
  const starts = records.flatMap((it) => {
    const known = new Set(it.history.map((past) => past.startedAtWallMs));
    if (isActive(it)) known.add(it.startedAtWallMs);
    return [...known].filter((atWallMs) => atWallMs > sinceWallMs);
  });
  return starts.sort((a, b) => a - b);
}

function claimantsOf({ machines }: ClusterView): ReadonlyMap<MachineId, readonly NodeName[]> {
  const claimants = new Map<MachineId, NodeName[]>();
  for (const [name, claim] of machines) {
    if (claim.kind !== "known") continue;
    const others = claimants.get(claim.machine);
    if (others === undefined) claimants.set(claim.machine, [name]);
    else others.push(name);
  }
  for (const names of claimants.values()) if (names.length > 1) names.sort();
  return claimants;
}
