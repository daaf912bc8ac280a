import type { NodeName, NodeUid, ObserverView } from "../core/model.ts";
import type { WallMs } from "../core/time.ts";

/** One observer's report, as it publishes it (spec of ObserverReport). */
export interface Report {
  readonly node: NodeName;
  readonly instance: string;
  readonly sweptAtWallMs: WallMs;
  readonly intervalMs: number;
  /** How many nodes it looked at. */
  readonly targets: number;
  readonly failing: readonly {
    readonly node: NodeName;
    readonly nodeUid: NodeUid;
    readonly check: string;
    readonly sinceWallMs: WallMs;
    readonly message: string;
  }[];
  readonly unknown: readonly { readonly node: NodeName; readonly check: string }[];
  readonly suspectsSelf: boolean;
}

/** Writes this replica's report; cuts lists to 500 entries and messages to 256 characters. */
export interface ReportPublisher {
  publish(report: Report, signal: AbortSignal): Promise<void>;
}

/** All replicas' reports, as the leader sees them. */
export interface ReportWatch {
  readonly isSynced: boolean;
  reports(): readonly ObserverView[];
  onChange(listener: () => void): () => void;
  run(signal: AbortSignal): Promise<void>;
}

/** What an observer probes. */
export interface ProbeTarget {
  readonly name: NodeName;
  readonly uid: NodeUid;
  readonly role: "master" | "worker";
  readonly internalIP: string | undefined;
  readonly kubeletPort: number;
}

/** The nodes to probe, listed now and then (followers do not watch nodes). */
export interface TargetList {
  list(signal: AbortSignal): Promise<readonly ProbeTarget[]>;
}
