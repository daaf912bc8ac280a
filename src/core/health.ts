import type { Finding, NodeFacts } from "./model.ts";
import { proofOfOff } from "./proof.ts";
import type { MonoMs, Now } from "./time.ts";
import type { ClusterView } from "./view.ts";
import { isMute, votedFindings } from "./votes.ts";

/** What is known of one node's health. */
export interface NodeHealth {
  /** The kubelet's Lease has not changed for `silence`, as far as reads reach. A node without a Lease is not silent. */
  readonly isSilent: boolean;
  /** Not silent, and the Lease was seen to move: certainly a living kubelet. */
  readonly isLeaseMoving: boolean;
  /** How long it has not changed; undefined without a Lease. */
  readonly silentForMs: number | undefined;
  readonly isReady: boolean;
  /** Failing checks, due or not. */
  readonly findings: readonly Finding[];
  /** Those that have failed for their unhealthy-duration. */
  readonly due: readonly Finding[];
  /** When the first finding becomes due; undefined when one is, or there is none. */
  readonly dueAtMonoMs: MonoMs | undefined;
  readonly isMute: boolean;
  readonly isProvenOff: boolean;
  /** Silent, or a failing finding from its first second on: what the brakes count. */
  readonly isSick: boolean;
  /** Ready, nothing fails, and its Lease was seen to move: known to live. Neither sick nor well: not known yet. */
  readonly isWell: boolean;
}

const none: readonly Finding[] = [];

function dueAt({ sinceMonoMs, unhealthyDurationMs }: Finding): MonoMs {
  return sinceMonoMs + unhealthyDurationMs;
}

/** Judges one node. Pure. */
export function healthOf(node: NodeFacts, view: ClusterView, now: Now): NodeHealth {
  const lease = view.leases.get(node.name);
  const silentForMs = lease === undefined ? undefined : lease.readAtMonoMs - lease.changedAtMonoMs;
  const isSilent = silentForMs !== undefined && silentForMs >= view.policy.silenceMs;
  const voted = votedFindings(node, isSilent, view.observers, view.probes, now);
  const passive = view.passive.get(node.name) ?? none;
  const findings = voted.length === 0 ? passive : [...passive, ...voted];
  const due = findings.length === 0 ? none : findings.filter((it) => now.monoMs >= dueAt(it));
  const isReady = node.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
  const isSick = isSilent || findings.length > 0;
  return {
    isSilent,
    silentForMs,
    isReady,
    findings,
    due,
    dueAtMonoMs: due.length > 0 || findings.length === 0 ? undefined : Math.min(...findings.map(dueAt)),
    isMute: isMute(node, view.observers, now),
    isProvenOff:
      proofOfOff(view.readings.get(node.name) ?? [], now, view.policy.fencing.offReadIntervalMs) !== undefined,
    isSick,
    isLeaseMoving: !isSilent && lease?.hasMoved === true,
    isWell: isReady && !isSick && lease?.hasMoved === true,
  };
}
