import type { NodeFacts, NodeName } from "../core/model.ts";
import type { NodeMarks } from "../core/record.ts";

/**
 * Changes of a Node. Each but the deletion is one merge patch with the resourceVersion and uid of the Node handed in, and writes the
 * marks annotation in the same patch (marks with nothing left in them remove it).
 *
 * @throws ConflictError (remedy `re-read`) when the Node changed since it was read
 */
export interface NodeControl {
  setUnschedulable(
    node: NodeFacts,
    isUnschedulable: boolean,
    marks: NodeMarks,
    signal: AbortSignal,
  ): Promise<NodeFacts>;
  addOutOfServiceTaint(node: NodeFacts, marks: NodeMarks, signal: AbortSignal): Promise<NodeFacts>;
  removeOutOfServiceTaint(node: NodeFacts, marks: NodeMarks, signal: AbortSignal): Promise<NodeFacts>;
  /**
   * Deletes the Node on the condition that it is the very version that was read. One that is gone already is fine.
   * Callers know that its machine is gone for good; this does not ask.
   */
  deleteNode(node: NodeFacts, signal: AbortSignal): Promise<void>;
  /** Drops the marks annotation only. */
  clearMarks(node: NodeFacts, signal: AbortSignal): Promise<NodeFacts>;
}

/** A pod of a node, as far as draining and releasing care. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly isDaemonSet: boolean;
  readonly isMirror: boolean;
  readonly isTerminating: boolean;
  /** Phase Succeeded or Failed. */
  readonly isFinished: boolean;
  /** Tolerates the out-of-service taint, so the taint alone does not evict it. */
  readonly toleratesOutOfService: boolean;
  readonly claims: readonly string[];
}

/** Outcome of one eviction. `blocked`: a disruption budget says not now. */
export type Eviction = { readonly kind: "accepted" | "gone" } | { readonly kind: "blocked"; readonly message: string };

/** Pods and volumes of one node. Read when a repair needs them, never cached. @throws AcesoError when the server cannot be asked */
export interface Workloads {
  podsOn(node: NodeName, signal: AbortSignal): Promise<readonly PodFacts[]>;
  /** Names of the VolumeAttachments of the node. */
  attachmentsOn(
    node: NodeName,
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly volume: string | undefined }[]>;
  /** Names of the PersistentVolumes whose node affinity allows only this node. */
  volumesPinnedTo(node: NodeFacts, signal: AbortSignal): Promise<readonly string[]>;
  /** Nodes of the pods labelled component=etcd in kube-system, and whether each is Ready. */
  etcdMembers(signal: AbortSignal): Promise<readonly { readonly node: NodeName; readonly isReady: boolean }[]>;
  /** Evicts within disruption budgets; the pod's own grace period holds. */
  evict(pod: PodFacts, signal: AbortSignal): Promise<Eviction>;
  /**
   * Gives a pod of a machine proven off free: status Failed with DisruptionTarget, then deletion with grace 0 and
   * the uid as precondition, as the pod collector does. Callers hold proof; this does not ask.
   */
  releasePod(pod: PodFacts, signal: AbortSignal): Promise<void>;
}
