import type { ClusterFlags, Snapshot } from "../cli/cluster.ts";
import { decide } from "../core/decide.ts";
import { messageOf } from "../core/errors.ts";
import type { LeaseSight, NodeFacts, NodeName, ObserverView } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { ClusterView, StoredRecord } from "../core/view.ts";
import { FieldProblem } from "../kube/json-fields.ts";
import { listAll } from "../kube/paged-list.ts";
import { fromNodeRepair } from "../kube/record-codec.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { ForbiddenError, NotFoundError } from "../kube/status-error.ts";
import type { KubeObject } from "../kube/wire.ts";
import { KubeWorkloads } from "../kube/workloads.ts";
import { readClusterConfig } from "./cli-cluster-config.ts";
import { closeParts } from "./cli-config.ts";
import { leaderOf, readLeaderLease } from "./cli-leader.ts";
import { atServer, leaseByStamp, projectByStamps, reportByStamps } from "./cli-stamps.ts";
import { systemClock } from "./clock.ts";
import { needsInstallation } from "./not-installed.ts";
import { providerIsLeaders, stampedView } from "./stamped-view.ts";

export interface SnapshotInput {
  readonly rest: KubeRest;
  readonly flags: ClusterFlags;
  readonly focus: readonly NodeName[];
  readonly configFile: string | undefined;
  readonly signal: AbortSignal;
}

const pageSize = 500;
const listDeadlineMs = 30_000;

/**
 * One round of reads, put into the view that decisions look at. Nodes and NodeRepairs must be readable; what else this
 * user may not read becomes a note.
 *
 * @throws KubeCallError AcesoError for a configuration file named by the user
 */
export async function readSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { rest, flags, focus, configFile, signal } = input;
  const notes: string[] = [];
  const list = async (path: string, resource: string) =>
    listAll(rest, { path, resource, pageSize, deadlineMs: listDeadlineMs, signal });
  const may = <T>(what: string, work: Promise<T>, fallback: T) => optional(what, work, fallback, notes);

  const date = await readServerDate(rest, signal);
  if (date === undefined) notes.push("the API server's answer has no Date; this machine's clock is used");
  const now = atServer(date ?? systemClock.now().wallMs);
  const namespace = encodeURIComponent(flags.namespace);
  const workloads = new KubeWorkloads(rest);
  const [nodeObjects, leaseObjects, repairs, reports, leaderLease, cluster, etcd] = await Promise.all([
    list("/api/v1/nodes", "nodes"),
    may("the kubelets' Leases", list("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", "leases"), []),
    needsInstallation(list("/apis/aceso.dev/v1alpha1/noderepairs", "noderepairs")),
    may(
      "ObserverReports",
      list(`/apis/aceso.dev/v1alpha1/namespaces/${namespace}/observerreports`, "observerreports"),
      [],
    ),
    may("the leader's Lease", readLeaderLease(rest, flags.namespace, signal), undefined),
    readClusterConfig(rest, flags, configFile, signal),
    may("the etcd pods", workloads.etcdMembers(signal), undefined),
  ]);
  notes.push(...cluster.notes);
  const nodes = new Map(nodeObjects.map((it) => projectByStamps(it)).map((it): [NodeName, NodeFacts] => [it.name, it]));
  const records = new Map(repairs.map((it): [NodeName, StoredRecord] => [it.metadata?.name ?? "", fromNodeRepair(it)]));
  const leases = leasesOf(leaseObjects, now);
  const observers = reports.flatMap((it) => reportOf(it, now, notes));
  const leader = leaderLease && leaderOf(leaderLease, now);
  const { parts, annotations } = cluster;
  const base = stampedView({
    parts,
    nodes,
    leases,
    observers,
    records,
    cluster: annotations,
    etcd,
    leader: leaderLease && { holder: leaderLease.holder, acquiredAtWallMs: leaderLease.acquiredAt },
    now,
  });
  await closeParts(parts);
  if (base.policy.provider !== undefined) notes.push(providerIsLeaders);
  const pinnedVolumes = await readPinned(base, now, focus, workloads, signal, notes);
  return { view: { ...base, pinnedVolumes }, now, leader, configSource: cluster.source, notes };
}

async function optional<T>(what: string, work: Promise<T>, fallback: T, notes: string[]): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ForbiddenError) && !(error instanceof NotFoundError)) throw error;
    notes.push(`${what} cannot be read (${messageOf(error)})`);
    return fallback;
  }
}

function leasesOf(objects: readonly KubeObject[], now: Now): ReadonlyMap<NodeName, LeaseSight> {
  const leases = new Map<NodeName, LeaseSight>();
  for (const object of objects) {
    const sight = leaseByStamp(object, now);
    if (sight !== undefined) leases.set(object.metadata?.name ?? "", sight);
  }
  return leases;
}

function reportOf(object: KubeObject, now: Now, notes: string[]): ObserverView[] {
  try {
    return [reportByStamps(object, now)];
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    notes.push(`observerreport ${object.metadata?.name} makes no sense: ${error.message}`);
    return [];
  }
}

/** Only for nodes that are held for their data, or asked about: the list of volumes may be long. */
async function readPinned(
  view: ClusterView,
  now: Now,
  focus: readonly NodeName[],
  workloads: KubeWorkloads,
  signal: AbortSignal,
  notes: string[],
): Promise<ReadonlyMap<NodeName, readonly string[]>> {
  const held = decide(view, now).actions.filter((it) => it.kind === "hold" && it.hold.reason === "local-data");
  const wanted = held.map((it) => it.node).filter((it) => focus.length === 0 || focus.includes(it.name));
  const pinned = new Map<NodeName, readonly string[]>();
  for (const node of wanted.slice(0, 10)) {
    const volumes = await optional("PersistentVolumes", workloads.volumesPinnedTo(node, signal), undefined, notes);
    if (volumes !== undefined) pinned.set(node.name, volumes);
  }
  return pinned;
}
