import { healthOf, type NodeHealth } from "./health.ts";
import type { MachineId, NodeName } from "./model.ts";
import type { Now } from "./time.ts";
import type { ClusterView } from "./view.ts";

/**
 * All nodes together, counted once a pass: guards ask for each sick node, and in a storm thousands are.
 */
export interface Crowd {
  readonly health: ReadonlyMap<NodeName, NodeHealth>;
  readonly sickCount: number;
  /** Names that claim a machine, in order; two are one too many. */
  readonly claimants: ReadonlyMap<MachineId, readonly NodeName[]>;
}

/** Pure. */
export function crowdOf(view: ClusterView, now: Now): Crowd {
  const health = new Map<NodeName, NodeHealth>();
  let sickCount = 0;
  for (const node of view.nodes.values()) {
    const its = healthOf(node, view, now);
    health.set(node.name, its);
    if (its.isSick) sickCount += 1;
  }
  return { health, sickCount, claimants: claimantsOf(view) };
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
