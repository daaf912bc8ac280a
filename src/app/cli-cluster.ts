import type { Cluster, ClusterFlags, Snapshot, Wish } from "../cli/cluster.ts";
import type { NodeFacts, NodeName } from "../core/model.ts";
import type { AnnotationChange } from "../core/pause.ts";
import type { WallMs } from "../core/time.ts";
import type { ClusterAnnotations, StoredRecord } from "../core/view.ts";
import { callerName } from "../kube/access-review.ts";
import { connect } from "../kube/connect.ts";
import { KubeJournal } from "../kube/journal.ts";
import { openAccess } from "../kube/kube-access.ts";
import { DaemonSetPause, NoPause } from "../kube/pause-source.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerDate } from "../kube/server-date.ts";
import { ConflictError, NotFoundError } from "../kube/status-error.ts";
import type { KubeObject } from "../kube/wire.ts";
import { readSnapshot } from "./cli-snapshot.ts";
import { projectByStamps } from "./cli-stamps.ts";
import { systemClock } from "./clock.ts";
import { needsInstallation } from "./not-installed.ts";
import { quietLog, quietMeter } from "./quiet-ports.ts";

const repairsPath = "/apis/aceso.dev/v1alpha1/noderepairs";

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
  readonly #journal: KubeJournal;

  constructor(rest: KubeRest, flags: ClusterFlags) {
    this.#rest = rest;
    this.#flags = flags;
    this.#journal = new KubeJournal(rest, quietLog);
  }

  async snapshot(focus: readonly NodeName[], configFile: string | undefined, signal: AbortSignal): Promise<Snapshot> {
    return readSnapshot({ rest: this.#rest, flags: this.#flags, focus, configFile, signal });
  }

  async node(name: NodeName, signal: AbortSignal): Promise<NodeFacts | undefined> {
    try {
      const object = await this.#rest.call({ method: "GET", path: nodePath(name), resource: "nodes", signal });
      return projectByStamps(object);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async record(name: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined> {
    return this.#journal.read(name, signal);
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

  async annotateNode(name: NodeName, change: AnnotationChange, signal: AbortSignal): Promise<void> {
    await this.#annotate(nodePath(name), "nodes", change, signal);
  }

  async annotateDaemonSet(change: AnnotationChange, signal: AbortSignal): Promise<void> {
    const { namespace, daemonSet = "" } = this.#flags;
    const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets/${encodeURIComponent(daemonSet)}`;
    await this.#annotate(path, "daemonsets", change, signal);
  }

  async ask(name: NodeName, wish: Wish, signal: AbortSignal): Promise<void> {
    const { id, kind, repairId, bootId, reason, requestedBy } = wish;
    const request = { id, kind, ...(repairId !== undefined && { repairId }), ...(bootId !== undefined && { bootId }) };
    const told = { requestedBy, ...(reason !== undefined && { reason }) };
    // Null where nothing is said: a merge patch would keep what the request before said.
    const patch = { request: { repairId: null, bootId: null, ...request }, reason: null, ...told };
    try {
      await this.#patchSpec(name, patch, signal);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await needsInstallation(this.#create(name, { request, ...told }, signal)).catch(async (problem: unknown) => {
        if (!(problem instanceof ConflictError)) throw problem;
        await this.#patchSpec(name, patch, signal);
      });
    }
  }

  async unpauseRepair(name: NodeName, signal: AbortSignal): Promise<void> {
    await this.#patchSpec(name, { paused: null }, signal);
  }

  async close(): Promise<void> {
    await this.#rest.parts.access.close();
  }

  async #annotate(path: string, resource: string, annotations: AnnotationChange, signal: AbortSignal): Promise<void> {
    await this.#rest.call({ method: "PATCH", path, resource, body: { metadata: { annotations } }, signal });
  }

  async #patchSpec(name: NodeName, spec: object, signal: AbortSignal): Promise<KubeObject> {
    const path = `${repairsPath}/${encodeURIComponent(name)}`;
    return this.#rest.call({ method: "PATCH", path, resource: "noderepairs", body: { spec }, signal });
  }

  async #create(name: NodeName, spec: object, signal: AbortSignal): Promise<KubeObject> {
    const body = { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name }, spec };
    return this.#rest.call({ method: "POST", path: repairsPath, resource: "noderepairs", body, signal });
  }
}

function nodePath(name: NodeName): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}
