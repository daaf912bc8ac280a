import type { Finding, LeaseSight, MachineId, NodeFacts, NodeName, ObserverView, PowerReading, Role } from "./model.ts";
import type { Policy } from "./policy.ts";
import type { NodeMarks, RepairRecord, RepairWishes } from "./record.ts";
import type { MonoMs } from "./time.ts";

/** A configured probing check, as voting needs it. Passive checks arrive as findings. */
export interface ProbeSpec {
  readonly id: string;
  readonly role: Role;
  readonly unhealthyDurationMs: number;
}

/** A record as the journal holds it. Unreadable: nonsense (`isNewer` false) or written by a newer program. */
export type StoredRecord =
  | { readonly kind: "record"; readonly record: RepairRecord }
  | {
      readonly kind: "unreadable";
      readonly unreadable: {
        readonly node: NodeName;
        readonly resourceVersion: string;
        readonly problem: string;
        readonly isNewer: boolean;
        /** People's part, which may be understood though the rest is not. */
        readonly wishes?: RepairWishes;
      };
    };

/** The DaemonSet's annotations, where pauses of the whole cluster stand. */
export type ClusterAnnotations =
  | { readonly kind: "none" }
  | { readonly kind: "read"; readonly annotations: Readonly<Record<string, string>> }
  | { readonly kind: "unreadable"; readonly problem: string };

/** What the provider said when asked which machine a node is. */
export type MachineClaim =
  | { readonly kind: "known"; readonly machine: MachineId; readonly systemUUID: string; readonly providerID: string }
  | { readonly kind: "none"; readonly problem: string };

/**
 * The owner's reason not to touch a node's machine, as last asked. What could not be read stands here as a no: `machine`
 * at least, `everything` when this leader never had an answer.
 */
export type InterlockSight =
  | { readonly kind: "none" }
  | {
      readonly kind: "locked";
      readonly stops: "destruction" | "machine" | "everything";
      readonly because: string;
    };

/** Everything that a decision looks at. Plain values; building one has no effect. */
export interface ClusterView {
  readonly policy: Policy;
  readonly probes: readonly ProbeSpec[];
  readonly nodes: ReadonlyMap<NodeName, NodeFacts>;
  readonly leases: ReadonlyMap<NodeName, LeaseSight>;
  /** Failing passive checks, by node. */
  readonly passive: ReadonlyMap<NodeName, readonly Finding[]>;
  readonly observers: readonly ObserverView[];
  readonly records: ReadonlyMap<NodeName, StoredRecord>;
  /** What the provider said of a node's machine, oldest first. */
  readonly readings: ReadonlyMap<NodeName, readonly PowerReading[]>;
  /** Which machine each node is, as far as the provider was asked. */
  readonly machines: ReadonlyMap<NodeName, MachineClaim>;
  /** The owner's reasons, by node; undefined: it has none, or is not asked here. */
  readonly interlocks?: ReadonlyMap<NodeName, InterlockSight> | undefined;
  readonly cluster: ClusterAnnotations;
  /** Nodes of the etcd pods; undefined: not read, or not readable. */
  readonly etcd: readonly { readonly node: NodeName; readonly isReady: boolean }[] | undefined;
  /** PersistentVolumes tied to a node, for nodes whose rung would destroy a disk; absent: not read. */
  readonly pinnedVolumes: ReadonlyMap<NodeName, readonly string[]>;
  readonly self: {
    readonly instance: string;
    readonly node: NodeName | undefined;
    readonly ledSinceMonoMs: MonoMs;
    /** True: the leader before handed over, so no startup-delay. */
    readonly wasHandedOver: boolean;
  };
  /** Nodes whose machine is not the one they named while they were last Ready. */
  readonly changedIdentities?: ReadonlySet<NodeName>;
  /** The server's version is known, and too old to heed the out-of-service taint. */
  readonly isServerTooOld?: boolean;
  /** When the API server last answered anything. */
  readonly lastReadAtMonoMs: MonoMs | undefined;
  /** Steps of the wall clock since this process began are not trusted: the earlier of wall and start + monotonic. */
  readonly cautiousWallMs: number;
}

/** The readable record of a node, if there is one. */
export function recordOf(view: Pick<ClusterView, "records">, node: NodeName): RepairRecord | undefined {
  const stored = view.records.get(node);
  return stored?.kind === "record" ? stored.record : undefined;
}

/** The node's annotation that holds our marks. */
export const marksAnnotation = "aceso.dev/marks";

/** Our marks on a Node, from its annotation. Undefined: none. Unreadable text counts as marks of an unknown repair. */
export function marksOf(node: NodeFacts): NodeMarks | undefined {
  const text = node.annotations[marksAnnotation];
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<NodeMarks> | null;
    return { repairId: String(value?.repairId ?? ""), bootID: String(value?.bootID ?? ""), marks: value?.marks ?? {} };
  } catch {
    return { repairId: "", bootID: "", marks: {} };
  }
}

/** The taint that frees a dead node's pods and volumes. https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/ */
export const outOfServiceTaint = {
  key: "node.kubernetes.io/out-of-service",
  value: "nodeshutdown",
  effect: "NoExecute",
} as const;

export function isOutOfService(node: NodeFacts): boolean {
  return node.taints.some((taint) => taint.key === outOfServiceTaint.key);
}
