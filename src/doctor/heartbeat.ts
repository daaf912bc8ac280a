import type { NodeName } from "../core/model.ts";
import { secondMs } from "../core/time.ts";
import type { ClusterFacts } from "./facts.ts";
import { seenValue } from "./seen.ts";

/** Four heartbeats. */
const livingMs = 40 * secondMs;

/** Whether the node's kubelet renewed its Lease lately. False also where the Leases could not be read. */
export function isBeating(node: NodeName, { leases, now }: Pick<ClusterFacts, "leases" | "now">): boolean {
  const beat = (seenValue(leases) ?? []).find((it) => it.node === node);
  if (beat === undefined) return false;
  return now.wallMs - (beat.writtenAtWallMs ?? beat.renewedAtWallMs) < livingMs;
}
