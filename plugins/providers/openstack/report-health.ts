import { type Clock, type HealthReport, ProviderError } from "../../../src/plugin-api/index.ts";
import type { Cluster } from "./cluster.ts";
import { healthReason, toPythonDict } from "./health-reason.ts";
import type { Magnum } from "./magnum.ts";
import { refusal } from "./refusal.ts";

/** Magnum shows a change within a second or so. */
const looks = 4;
const lookEveryMs = 500;

/**
 * Shows the nodes' health in Magnum, if it shows anything else. Magnum accepts and drops it while the cluster is not
 * *_COMPLETE, so it is read back.
 *
 * @throws ProviderError (retry) when it did not take
 */
export async function reportHealth(
  report: HealthReport,
  magnum: Magnum,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const status = report.ill.length === 0 ? "HEALTHY" : "UNHEALTHY";
  const reason = healthReason(report);
  if (shows(await magnum.cluster(signal), status, reason)) return;
  const what = `showing ${status} in cluster ${magnum.clusterName}`;
  const answer = await magnum.setHealth(status, toPythonDict(reason), signal);
  if (answer.status !== 202 && answer.status !== 200) throw refusal(what, answer, "read");
  let cluster = await magnum.cluster(signal);
  for (let look = 1; look < looks && !shows(cluster, status, reason); look += 1) {
    await clock.sleep(lookEveryMs, signal);
    cluster = await magnum.cluster(signal);
  }
  if (shows(cluster, status, reason)) return;
  const problem = `openstack: ${what}: accepted, but it shows ${cluster.healthStatus ?? "nothing"}`;
  throw new ProviderError(`${problem}; Magnum drops it while the cluster is ${cluster.status}`, "retry");
}

function shows(cluster: Cluster, status: string, reason: Readonly<Record<string, string>>): boolean {
  return cluster.healthStatus === status && sorted(cluster.healthReason) === sorted(reason);
}

function sorted(reason: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(reason).sort(([a], [b]) => (a < b ? -1 : 1)));
}
