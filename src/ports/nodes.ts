import type { LeaseSight, NodeFacts, NodeName } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";

/**
 * All nodes and their kubelet Leases, as the leader sees them. Every read, cached or live, passes the same sight
 * tracker, so `changedAtMonoMs` is when this process saw a value change first, since it took the lead.
 */
export interface NodeWatch {
  /** False until both lists were read once. */
  readonly isSynced: boolean;
  /** When the API server last answered a read or sent a watch event or bookmark; ages stop growing without it. */
  readonly lastReadAtMonoMs: MonoMs | undefined;
  nodes(): ReadonlyMap<NodeName, NodeFacts>;
  leaseOf(node: NodeName): LeaseSight | undefined;
  /** Reads the Node now. Undefined: 404. @throws AcesoError when the server cannot be asked */
  readNode(node: NodeName, signal: AbortSignal): Promise<NodeFacts | undefined>;
  /** Reads the kubelet's Lease now. Undefined: 404. @throws AcesoError when the server cannot be asked */
  readLease(node: NodeName, signal: AbortSignal): Promise<LeaseSight | undefined>;
  /** Calls back after each change of a node (its name) or of many (undefined). Returns the way to stop. */
  onChange(listener: (node: NodeName | undefined) => void): () => void;
  /** Lists and watches until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}
