import type { ClusterFlags } from "../cli/cluster.ts";
import type { ClusterFacts, HeartbeatFacts, RightsFacts } from "../doctor/facts.ts";
import { requiredRights } from "../doctor/required-rights.ts";
import { namespaceOf } from "../doctor/rights.ts";
import { callerName, reviewAccess } from "../kube/access-review.ts";
import { parseTime } from "../kube/json-fields.ts";
import { daemonSetsPath, objectPath } from "../kube/paths.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { readServerVersion } from "../kube/server-version.ts";
import type { KubeObject } from "../kube/wire.ts";
import { eachOf } from "../util/each-of.ts";
import { readDaemonSet } from "./cli-cluster-config.ts";
import { leaderOf, readLeaderLease } from "./cli-leader.ts";
import { atServer } from "./cli-stamps.ts";
import { ClusterLists, sensibleReports } from "./cluster-lists.ts";
import { findOtherHealers } from "./doctor-healers.ts";
import { look } from "./doctor-look.ts";
import { daemonSetFacts, readObjects } from "./doctor-objects.ts";

/** Reads everything but provider and configuration, each by itself. Never throws, but when the signal aborts. */
export async function readCluster(rest: KubeRest, flags: ClusterFlags, signal: AbortSignal): Promise<ClusterFacts> {
  const lists = new ClusterLists(rest, signal);
  const date = await look(readServerDate(rest, signal), signal);
  const now = atServer(date.kind === "seen" ? date.value : rest.parts.clock.now().wallMs);
  const daemonSet = await readDaemonSet(rest, flags, signal).catch(() => undefined);
  const facts = daemonSet?.object === undefined ? undefined : daemonSetFacts(daemonSet.object);
  const own = { namespace: flags.namespace, name: flags.daemonSet };
  const [version, objects, rights, nodes, leases, records, leader, observers, otherHealers, daemonSetSeen] =
    await Promise.all([
      look(readServerVersion(rest, signal), signal),
      readObjects(rest, signal),
      readRights(rest, flags, facts?.serviceAccount, signal),
      look(lists.nodes(), signal),
      look(lists.kubeletLeases().then(heartbeats), signal),
      look(lists.records(), signal),
      look(
        readLeaderLease(rest, flags.namespace, signal).then((it) => it && leaderOf(it, now)),
        signal,
      ),
      look(
        lists.reports(flags.namespace).then((all) => sensibleReports(all, now, () => undefined)),
        signal,
      ),
      look(findOtherHealers(rest, own, signal), signal),
      lookForDaemonSet(rest, flags, signal),
    ]);
  return {
    now,
    version,
    ...objects,
    daemonSet: daemonSetSeen,
    rights,
    nodes,
    leases,
    records,
    leader,
    observers,
    annotations: daemonSet?.annotations ?? { kind: "unreadable", problem: "it was not read" },
    otherHealers,
  };
}

async function lookForDaemonSet(rest: KubeRest, { namespace, daemonSet }: ClusterFlags, signal: AbortSignal) {
  if (daemonSet === undefined) return { kind: "missing" } as const;
  const path = objectPath(daemonSetsPath(namespace), daemonSet);
  const object = rest.call({ method: "GET", path, resource: "daemonsets", signal }).then(daemonSetFacts);
  return look(object, signal);
}

/**
 * Asks about each right of the manifest. Whose: the service account's of the DaemonSet; without a DaemonSet, or when the
 * caller is that account, the caller's own.
 */
async function readRights(
  rest: KubeRest,
  { namespace, daemonSet }: ClusterFlags,
  serviceAccount: string | undefined,
  signal: AbortSignal,
): Promise<RightsFacts> {
  const caller = await look(callerName(rest, signal), signal);
  const me = caller.kind === "seen" ? caller.value : undefined;
  const account = serviceAccount === undefined ? undefined : `system:serviceaccount:${namespace}:${serviceAccount}`;
  const user = account === me ? undefined : account;
  const answers = await eachOf(requiredRights, 8, async (right) => {
    const { group, resource, verb } = right;
    const name = resource === "daemonsets" ? daemonSet : right.name;
    const asked = { namespace: namespaceOf(right, namespace), group, resource, verb, name };
    return { right, isAllowed: await look<boolean>(reviewAccess(rest, asked, user, signal), signal) };
  });
  return { who: user ?? me ?? rest.parts.access.userName ?? "this user", answers };
}

interface ManagedField {
  readonly time?: string;
  readonly fieldsV1?: { readonly "f:spec"?: Readonly<Record<string, unknown>> };
}

/** A Lease's renewTime is the kubelet's clock; the time of its managed field is the server's, to the second. */
function heartbeats(leases: readonly KubeObject[]): readonly HeartbeatFacts[] {
  return leases.flatMap(({ metadata, spec }) => {
    const renewedAtWallMs = parseTime((spec as { renewTime?: string } | undefined)?.renewTime ?? "");
    if (renewedAtWallMs === undefined) return [];
    const { managedFields = [] } = (metadata ?? {}) as { managedFields?: readonly ManagedField[] };
    const writer = managedFields.find((it) => it.fieldsV1?.["f:spec"]?.["f:renewTime"] !== undefined);
    const noted = parseTime(writer?.time ?? "");
    // cut to whole seconds by the server: half a second more on average
    const writtenAtWallMs = noted === undefined ? undefined : noted + 500;
    return [{ node: metadata?.name ?? "", renewedAtWallMs, writtenAtWallMs }];
  });
}
