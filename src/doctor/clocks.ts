import { ageText } from "../core/age.ts";
import { secondMs } from "../core/time.ts";
import { about, counted, type Diagnosis, listed } from "./diagnosis.ts";
import type { ClusterFacts, HeartbeatFacts, ServerFacts } from "./facts.ts";
import { unreadable } from "./seen.ts";

const { ok, warning } = about("clocks");

/** More than the rounding of the timestamps and the way of a request explain. */
const mostSkewMs = 5 * secondMs;

const sync = "have its clock set by NTP (chronyc tracking, timedatectl)";

/**
 * Clocks that differ. Aceso counts by its own clock alone, but the ends of pauses, tokens, certificates and the ages that
 * people read depend on them.
 */
export function diagnoseClocks({ leases }: ClusterFacts, servers: readonly ServerFacts[]): readonly Diagnosis[] {
  const ofServers = servers.flatMap(({ base, answer }) => {
    const aheadMs = answer.kind === "answered" ? answer.aheadMs : undefined;
    if (aheadMs === undefined || Math.abs(aheadMs) <= mostSkewMs) return [];
    const message = `the clock of API server ${base} is ${skewText(aheadMs)} of this machine's`;
    return [warning(message, `find out which of the two is wrong and ${sync}`)];
  });
  if (leases.kind === "unreadable") return [...ofServers, unreadable("clocks", "the kubelets' Leases", leases)];
  const ofNodes = leases.kind === "seen" ? skewedNodes(leases.value) : [];
  const found = [...ofServers, ...ofNodes];
  if (found.length > 0) return found;
  const measured = leases.kind === "seen" ? leases.value.filter((it) => it.writtenAtWallMs !== undefined).length : 0;
  return [ok(`the API servers and ${counted(measured, "node")} agree with this machine's clock within 5 s`)];
}

/** A kubelet writes its own time into its Lease, and the API server notes by its own when it took that in. */
function skewedNodes(leases: readonly HeartbeatFacts[]): Diagnosis[] {
  const skews = leases.flatMap(({ node, renewedAtWallMs, writtenAtWallMs }) => {
    if (writtenAtWallMs === undefined) return [];
    const aheadMs = renewedAtWallMs - writtenAtWallMs;
    return Math.abs(aheadMs) > mostSkewMs ? [{ node, aheadMs }] : [];
  });
  if (skews.length === 0) return [];
  skews.sort((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs) || (a.node < b.node ? -1 : 1));
  const names = skews.map(({ node, aheadMs }) => `${node} (${skewText(aheadMs)})`);
  const message = `the clocks of ${counted(skews.length, "node")} differ from the API server's: ${listed(names)}`;
  return [warning(message, `on each of them: ${sync}; ages in explain and history are wrong until then`)];
}

function skewText(aheadMs: number): string {
  return `${ageText(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead" : "behind"}`;
}
