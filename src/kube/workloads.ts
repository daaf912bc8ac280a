import type { V1Pod, V1VolumeAttachment } from "@kubernetes/client-node";
import type { NodeFacts, NodeName } from "../core/model.ts";
import type { Eviction, PodFacts, Workloads } from "../ports/node-control.ts";
import { timeText } from "./json-fields.ts";
import { listAll } from "./paged-list.ts";
import { isPinnedTo } from "./pinned-volumes.ts";
import { isPodReady, projectPod } from "./project-pod.ts";
import type { KubeRest } from "./rest.ts";
import { ConflictError, NotFoundError, RejectedError, TooManyRequestsError } from "./status-error.ts";
import type { Wire } from "./wire.ts";

/** Pods and volumes of a node, asked of the server each time. */
export class KubeWorkloads implements Workloads {
  readonly #rest: KubeRest;

  constructor(rest: KubeRest) {
    this.#rest = rest;
  }

  async podsOn(node: NodeName, signal: AbortSignal): Promise<readonly PodFacts[]> {
    const fieldSelector = `spec.nodeName=${node}`;
    const pods = await listAll(this.#rest, { path: "/api/v1/pods", resource: "pods", fieldSelector, signal });
    return pods.map(projectPod);
  }

  async attachmentsOn(node: NodeName, signal: AbortSignal) {
    const path = "/apis/storage.k8s.io/v1/volumeattachments";
    const all = await listAll(this.#rest, { path, resource: "volumeattachments", signal });
    return (all as readonly Wire<V1VolumeAttachment>[])
      .filter(({ spec }) => spec?.nodeName === node)
      .map(({ metadata, spec }) => ({ name: metadata?.name ?? "", volume: spec?.source?.persistentVolumeName }));
  }

  async volumesPinnedTo(node: NodeFacts, signal: AbortSignal): Promise<readonly string[]> {
    const path = "/api/v1/persistentvolumes";
    const volumes = await listAll(this.#rest, { path, resource: "persistentvolumes", signal });
    return volumes.filter((volume) => isPinnedTo(volume, node)).map(({ metadata }) => metadata?.name ?? "");
  }

  async etcdMembers(signal: AbortSignal) {
    const path = "/api/v1/namespaces/kube-system/pods";
    const pods = await listAll(this.#rest, { path, resource: "pods", labelSelector: "component=etcd", signal });
    return pods.map((pod) => ({ node: (pod as Wire<V1Pod>).spec?.nodeName ?? "", isReady: isPodReady(pod) }));
  }

  /** Without grace of its own: grace 0 on an eviction is a force delete, also of a pod that still runs. */
  async evict(pod: PodFacts, signal: AbortSignal): Promise<Eviction> {
    const body = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: pod.name, namespace: pod.namespace },
      deleteOptions: { preconditions: { uid: pod.uid } },
    };
    const path = `${podPath(pod)}/eviction`;
    try {
      await this.#rest.call({ method: "POST", path, resource: "evictions", body, mayWaitOn429: false, signal });
      return { kind: "accepted" };
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof ConflictError) return { kind: "gone" };
      if (error instanceof TooManyRequestsError) return { kind: "blocked", message: error.failure.text };
      throw error;
    }
  }

  async releasePod(pod: PodFacts, signal: AbortSignal): Promise<void> {
    try {
      if (!pod.isFinished) await this.#fail(pod, signal);
      const body = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0, preconditions: { uid: pod.uid } };
      await this.#rest.call({ method: "DELETE", path: podPath(pod), resource: "pods", body, signal });
    } catch (error) {
      // Gone, or a pod of the same name and another uid: the one that was meant is no more.
      if (!(error instanceof NotFoundError) && !isOtherPod(error)) throw error;
    }
  }

  /**
   * The pod collector's order: first the phase, so that whoever watches the pod learns why it went. A strategic merge
   * patch keeps the other conditions; the uid makes it fail for another pod of the same name.
   */
  async #fail(pod: PodFacts, signal: AbortSignal): Promise<void> {
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByAceso",
      message: "The node's machine is proven off.",
      lastTransitionTime: `${timeText(this.#rest.parts.clock.now().wallMs).slice(0, 19)}Z`,
    };
    const body = { metadata: { uid: pod.uid }, status: { phase: "Failed", conditions: [condition] } };
    const path = `${podPath(pod)}/status`;
    await this.#rest.call({ method: "PATCH", path, resource: "pods", body, isStrategic: true, signal });
  }
}

function podPath({ namespace, name }: PodFacts): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}

function isOtherPod(error: unknown): boolean {
  const isRefused = error instanceof ConflictError || (error instanceof RejectedError && error.failure.status === 422);
  return isRefused && /\buid\b/i.test(error.failure.text);
}
