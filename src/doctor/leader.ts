import { ageText } from "../core/age.ts";
import { pauseOf } from "../core/pause.ts";
import { about, type Diagnosis } from "./diagnosis.ts";
import type { ClusterFacts, DoctorFacts } from "./facts.ts";
import { seenValue, unreadable } from "./seen.ts";

const { ok, warning, error } = about("leader");

/** Whether somebody leads, and whether the leader is paused. */
export function diagnoseLeader(cluster: ClusterFacts, { namespace, config }: DoctorFacts): readonly Diagnosis[] {
  const { leader, annotations, now } = cluster;
  // one that this user may not read pauses the replicas only if they may not either, which their rights say
  const pause =
    annotations.kind === "read"
      ? pauseOf(undefined, undefined, { cluster: annotations, cautiousWallMs: now.wallMs })
      : undefined;
  const paused = pause === undefined ? [] : [warning(`the cluster is paused: ${pause.text}`, "aceso resume")];
  if (seenValue(config.read)?.leaderElect === false) return [...unelected(cluster), ...paused];
  const lease = `lease ${namespace}/aceso`;
  const logs = `kubectl -n ${namespace} logs daemonset/aceso says what keeps them from it`;
  if (leader.kind === "unreadable") return [unreadable("leader", lease, leader), ...paused];
  if (leader.kind === "missing")
    return [error(`nobody leads (${lease} has no holder): nothing is decided`, logs), ...paused];
  const { holder, isAlive, renewedForMs } = leader.value;
  const age = ageText(renewedForMs);
  if (!isAlive)
    return [error(`${holder} led until ${age} ago and nobody took over: nothing is decided`, logs), ...paused];
  return [ok(`${holder} leads, renewed ${age} ago`), ...paused];
}

/** Without an election each replica leads. */
function unelected({ daemonSet }: ClusterFacts): Diagnosis[] {
  const replicas = seenValue(daemonSet)?.desired ?? 1;
  if (replicas <= 1) return [ok("leader-elect is false: the only replica leads")];
  return [
    error(
      `leader-elect is false and there are ${replicas} replicas: each repairs the same nodes`,
      "leader-elect: true, or a DaemonSet that selects one node",
    ),
  ];
}
