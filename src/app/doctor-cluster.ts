import type { ClusterFlags } from "../cli/cluster.ts";
import type { NodeName } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { StoredRecord } from "../core/view.ts";
import type { ClusterFacts, HeartbeatFacts, RightsFacts } from "../doctor/facts.ts";
import { requiredRights } from "../doctor/required-rights.ts";
import { namespaceOf } from "../doctor/rights.ts";
import { callerName, reviewAccess } from "../kube/access-review.ts";
import { FieldProblem, parseTime } from "../kube/json-fields.ts";
import { listAll } from "../kube/paged-list.ts";
import { fromNodeRepair } from "../kube/record-codec.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { readServerVersion } from "../kube/server-version.ts";
import type { KubeObject } from "../kube/wire.ts";
import { readDaemonSet } from "./cli-cluster-config.ts";
import { leaderOf, readLeaderLease } from "./cli-leader.ts";
import { atServer, projectByStamps, reportByStamps } from "./cli-stamps.ts";
import { findOtherHealers } from "./doctor-healers.ts";
import { eachOf, look } from "./doctor-look.ts";
import { daemonSetFacts, readObjects } from "./doctor-objects.ts";

const pageSize = 500;
const listDeadlineMs = 30_000;

/** Reads everything but provider and configuration, each by itself. Never throws, but when the signal aborts. */
export async function readCluster(rest: KubeRest, flags: ClusterFlags, signal: AbortSignal): Promise<ClusterFacts> {
  const list = (path: string, resource: string) =>
    listAll(rest, { path, resource, pageSize, deadlineMs: listDeadlineMs, signal });
  const date = await look(readServerDate(rest, signal), signal);
  const now = atServer(date.kind === "seen" ? date.value : rest.parts.clock.now().wallMs);
  const namespace = encodeURIComponent(flags.namespace);
  const daemonSet = await readDaemonSet(rest, flags, signal).catch(() => undefined);
  const facts = daemonSet?.object === undefined ? undefined : daemonSetFacts(daemonSet.object);
  const reports = `/apis/aceso.dev/v1alpha1/namespaces/${namespace}/observerreports`;
  const own = { namespace: flags.namespace, name: flags.daemonSet };
  const [version, objects, rights, nodes, leases, records, leader, observers, otherHealers, daemonSetSeen] =
    await Promise.all([
      look(readServerVersion(rest, signal), signal),
      readObjects(rest, signal),
      readRights(rest, flags, facts?.serviceAccount, signal),
      look(
        list("/api/v1/nodes", "nodes").then((all) => all.map((it) => projectByStamps(it))),
        signal,
      ),
      look(list("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", "leases").then(heartbeats), signal),
      look(list("/apis/aceso.dev/v1alpha1/noderepairs", "noderepairs").then(recordsOf), signal),
      look(
        readLeaderLease(rest, flags.namespace, signal).then((it) => it && leaderOf(it, now)),
        signal,
      ),
      look(
        list(reports, "observerreports").then((all) => all.flatMap((it) => reportOf(it, now))),
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
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets/${encodeURIComponent(daemonSet)}`;
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

function recordsOf(objects: readonly KubeObject[]): ReadonlyMap<NodeName, StoredRecord> {
  return new Map(objects.map((it): [NodeName, StoredRecord] => [it.metadata?.name ?? "", fromNodeRepair(it)]));
}

/** A report that makes no sense counts as none. */
function reportOf(object: KubeObject, now: Now) {
  try {
    return [reportByStamps(object, now)];
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    return [];
  }
}
