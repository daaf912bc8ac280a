import type { Cluster, ClusterFlags, Snapshot, Wish } from "../cli/cluster.ts";
import type { NodeFacts, NodeName } from "../core/model.ts";
import type { AnnotationChange } from "../core/pause.ts";
import type { WallMs } from "../core/time.ts";
import type { ClusterAnnotations, StoredRecord } from "../core/view.ts";
import { callerName } from "../kube/access-review.ts";
import { connect } from "../kube/connect.ts";
import { openAccess } from "../kube/kube-access.ts";
import { nodesPath, objectPath } from "../kube/paths.ts";
import { DaemonSetPause, NoPause } from "../kube/pause-source.ts";
import { KubePeopleWrites } from "../kube/people-writes.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { readSnapshot } from "./cli-snapshot.ts";
import { projectByStamps } from "./cli-stamps.ts";
import { systemClock } from "./clock.ts";
import { needsInstallation } from "./not-installed.ts";
import { quietLog, quietMeter } from "./quiet-ports.ts";

/** Opens the cluster for one command of a person. @throws KubeAccessError */
export async function openCluster(flags: ClusterFlags): Promise<Cluster> {
  const access = openAccess({ kubeconfig: flags.kubeconfig, context: flags.context });
  const rest = connect(access, systemClock, quietLog, quietMeter);
  return new KubeCluster(rest, flags);
}

/** The cluster through its API server, one live read at a time: nothing is watched or cached. */
class KubeCluster implements Cluster {
  readonly #rest: KubeRest;
  readonly #flags: ClusterFlags;
  readonly #writes: KubePeopleWrites;

  constructor(rest: KubeRest, flags: ClusterFlags) {
    this.#rest = rest;
    this.#flags = flags;
    this.#writes = new KubePeopleWrites(rest, flags.namespace, flags.daemonSet);
  }

  async snapshot(focus: readonly NodeName[], configFile: string | undefined, signal: AbortSignal): Promise<Snapshot> {
    return readSnapshot({ rest: this.#rest, flags: this.#flags, focus, configFile, signal });
  }

  async node(name: NodeName, signal: AbortSignal): Promise<NodeFacts | undefined> {
    const object = await this.#rest.find({ path: objectPath(nodesPath, name), resource: "nodes", signal });
    return object && projectByStamps(object);
  }

  async record(name: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined> {
    return this.#writes.record(name, signal);
  }

  async clusterAnnotations(signal: AbortSignal): Promise<ClusterAnnotations> {
    const { namespace, daemonSet } = this.#flags;
    if (daemonSet === undefined) return new NoPause().read();
    return new DaemonSetPause(this.#rest, quietLog, namespace, daemonSet).read(signal);
  }

  async wallMs(signal: AbortSignal): Promise<WallMs> {
    return (await readServerDate(this.#rest, signal)) ?? systemClock.now().wallMs;
  }

  async userName(signal: AbortSignal): Promise<string> {
    const name = (await callerName(this.#rest, signal)) ?? this.#rest.parts.access.userName ?? "unknown";
    return name.slice(0, 253);
  }

  annotateNode(name: NodeName, change: AnnotationChange, signal: AbortSignal): Promise<void> {
    return this.#writes.annotateNode(name, change, signal);
  }

  annotateDaemonSet(change: AnnotationChange, signal: AbortSignal): Promise<void> {
    return this.#writes.annotateDaemonSet(change, signal);
  }

  ask(name: NodeName, wish: Wish, signal: AbortSignal): Promise<void> {
    return needsInstallation(this.#writes.ask(name, wish, signal));
  }

  unpauseRepair(name: NodeName, signal: AbortSignal): Promise<void> {
    return this.#writes.unpauseRepair(name, signal);
  }

  async close(): Promise<void> {
    await this.#rest.parts.access.close();
  }
}
