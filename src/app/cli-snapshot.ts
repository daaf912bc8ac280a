import type { ClusterFlags, Snapshot } from "../cli/cluster.ts";
import { decide } from "../core/decide.ts";
import { messageOf } from "../core/errors.ts";
import type { LeaseSight, NodeFacts, NodeName } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { ForbiddenError, NotFoundError } from "../kube/status-error.ts";
import type { KubeObject } from "../kube/wire.ts";
import { KubeWorkloads } from "../kube/workloads.ts";
import { readClusterConfig } from "./cli-cluster-config.ts";
import { closeParts } from "./cli-config.ts";
import { leadersLastWords } from "./cli-last-word.ts";
import { leaderOf, readLeaderLease } from "./cli-leader.ts";
import { atServer, leaseByStamp } from "./cli-stamps.ts";
import { systemClock } from "./clock.ts";
import { ClusterLists, sensibleReports } from "./cluster-lists.ts";
import { needsInstallation } from "./not-installed.ts";
import { providerIsLeaders, stampedView } from "./stamped-view.ts";

export interface SnapshotInput {
  readonly rest: KubeRest;
  readonly flags: ClusterFlags;
  readonly focus: readonly NodeName[];
  readonly configFile: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * One round of reads, put into the view that decisions look at. Nodes and NodeRepairs must be readable; what else this
 * user may not read becomes a note.
 *
 * @throws KubeCallError AcesoError for a configuration file named by the user
 */
export async function readSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { rest, flags, focus, configFile, signal } = input;
  const notes: string[] = [];
  const lists = new ClusterLists(rest, signal);
  const may = <T>(what: string, work: Promise<T>, fallback: T) => optional(what, work, fallback, notes);

  const date = await readServerDate(rest, signal);
  if (date === undefined) notes.push("the API server's answer has no Date; this machine's clock is used");
  const now = atServer(date ?? systemClock.now().wallMs);
  const workloads = new KubeWorkloads(rest);
  const [allNodes, leaseObjects, records, reports, leaderLease, cluster, etcd] = await Promise.all([
    lists.nodes(),
    may("the kubelets' Leases", lists.kubeletLeases(), []),
    needsInstallation(lists.records()),
    may("ObserverReports", lists.reports(flags.namespace), []),
    may("the leader's Lease", readLeaderLease(rest, flags.namespace, signal), undefined),
    readClusterConfig(rest, flags, configFile, signal),
    may("the etcd pods", workloads.etcdMembers(signal), undefined),
  ]);
  notes.push(...cluster.notes);
  const nodes = new Map(allNodes.map((it): [NodeName, NodeFacts] => [it.name, it]));
  const leases = leasesOf(leaseObjects, now);
  const observers = sensibleReports(reports, now, (line) => notes.push(line));
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
  const objections = await may("Events", leadersLastWords(rest, base, now, focus, signal), []);
  const pinnedVolumes = await readPinned(base, now, focus, workloads, signal, notes);
  return { view: { ...base, pinnedVolumes }, now, leader, configSource: cluster.source, objections, notes };
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
