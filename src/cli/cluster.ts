import type { NodeFacts, NodeName } from "../core/model.ts";
import type { AnnotationChange } from "../core/pause.ts";
import type { Now, WallMs } from "../core/time.ts";
import type { ClusterAnnotations, ClusterView, StoredRecord } from "../core/view.ts";
import type { Wish } from "../ports/people-writes.ts";

/** How to reach the cluster and where Aceso lives in it. */
export interface ClusterFlags {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string;
  /** Undefined: there is none. */
  readonly daemonSet: string | undefined;
}

/** Who leads, by the Lease. */
export interface LeaderSeen {
  readonly holder: string;
  readonly renewedForMs: number;
  /** Renewed within the Lease's duration. */
  readonly isAlive: boolean;
}

/**
 * The cluster as one round of reads shows it. Both clocks of `now` are the server's (its Date header), and ages in the
 * view come from the objects' own timestamps: unlike the leader we have not watched the changes ourselves.
 */
export interface Snapshot {
  readonly view: ClusterView;
  readonly now: Now;
  readonly leader: LeaderSeen | undefined;
  /** For people: where the configuration came from. */
  readonly configSource: string;
  /** What the leader says against what can be decided from here, one line a node. */
  readonly objections: readonly string[];
  /** What could not be read or known, one line each. */
  readonly notes: readonly string[];
}

export type { Wish };

/** One connection to a cluster, for the time of one command. All methods throw AcesoError. */
export interface Cluster {
  /** @param focus nodes whose PersistentVolumes are read too; @param configFile instead of the ConfigMap */
  snapshot(focus: readonly NodeName[], configFile: string | undefined, signal: AbortSignal): Promise<Snapshot>;
  /** Undefined: it does not exist. */
  node(name: NodeName, signal: AbortSignal): Promise<NodeFacts | undefined>;
  record(name: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined>;
  clusterAnnotations(signal: AbortSignal): Promise<ClusterAnnotations>;
  /** The server's clock. */
  wallMs(signal: AbortSignal): Promise<WallMs>;
  /** As the server knows the caller, else the kubeconfig's name. */
  userName(signal: AbortSignal): Promise<string>;
  annotateNode(name: NodeName, change: AnnotationChange, signal: AbortSignal): Promise<void>;
  annotateDaemonSet(change: AnnotationChange, signal: AbortSignal): Promise<void>;
  /** Writes `spec.request` of the NodeRepair, which is created when there is none. */
  ask(name: NodeName, wish: Wish, signal: AbortSignal): Promise<void>;
  /** Takes `spec.paused` of the NodeRepair away. */
  unpauseRepair(name: NodeName, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
