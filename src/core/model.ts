import type { MonoMs, WallMs } from "./time.ts";

/** Ids that must not be mixed up. */
export type NodeName = string & { readonly __id?: "NodeName" };
export type NodeUid = string & { readonly __id?: "NodeUid" };
export type MachineId = string & { readonly __id?: "MachineId" };

/** `master` = carries the label node-role.kubernetes.io/control-plane or …/master. The words of the configuration file. */
export type Role = "master" | "worker";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A condition of a Node. `changedAtMonoMs`: when *we* saw its status change (or first saw it), never a foreign timestamp. */
export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly changedAtMonoMs: MonoMs;
}

/** What we keep of a Node: a projection made before caching. Maps hold only the keys that we read. */
export interface NodeFacts {
  readonly name: NodeName;
  readonly uid: NodeUid;
  readonly resourceVersion: string;
  readonly role: Role;
  /** All labels (node selectors may name any). */
  readonly labels: Readonly<Record<string, string>>;
  /** Only keys beginning with aceso.dev/ and the autoscaler's. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly createdAtWallMs: WallMs;
  readonly isDeleting: boolean;
  readonly isUnschedulable: boolean;
  /** When we saw it become unschedulable (or first saw it so); undefined while schedulable. */
  readonly unschedulableSinceMonoMs: MonoMs | undefined;
  readonly taints: readonly Taint[];
  readonly conditions: readonly NodeCondition[];
  readonly bootID: string;
  readonly systemUUID: string;
  readonly providerID: string;
  readonly internalIP: string | undefined;
  /** TCP port of the kubelet's own endpoint (status.daemonEndpoints), 10250 where absent. */
  readonly kubeletPort: number;
}

/** A kubelet's Lease as we saw it: `version` is any text that changes when the Lease does. */
export interface LeaseSight {
  readonly version: string;
  /** When we saw the present version first. */
  readonly changedAtMonoMs: MonoMs;
  /** When a read last showed it unchanged: silence is counted up to here, so an unreadable server makes nobody silent. */
  readonly readAtMonoMs: MonoMs;
  /** True once we saw it change: only then do we know a living kubelet. A new leader knows nobody at first. */
  readonly hasMoved: boolean;
}

export type Verdict = "pass" | "fail" | "unknown";

/** One failing check of one node. */
export interface Finding {
  /** Id of the configured check, as `NodeCondition` or `Endpoint#2`. */
  readonly check: string;
  readonly message: string;
  readonly sinceMonoMs: MonoMs;
  /** How long it must have failed before the node counts as unhealthy. */
  readonly unhealthyDurationMs: number;
}

/** What a provider says of a machine. Only `off` (not running, no memory left to resume from, anywhere) proves anything. */
export type PowerState = "on" | "off" | "changing" | "unknown";

/** One answer of a provider, as evidence. */
export interface PowerReading {
  readonly source: string;
  readonly machine: MachineId;
  readonly power: PowerState;
  /** The provider's own words, as `status SHUTOFF, power state 4, no task`. */
  readonly text: string;
  /** Our last act is known to have failed, in the owner's words. */
  readonly failedAct?: string;
  /** The owner reports the machine as broken, in its own words. */
  readonly fault?: string;
  /** When the question was sent: the answer is at most this old. */
  readonly askedAtMonoMs: MonoMs;
  /** When the answer came. */
  readonly readAtMonoMs: MonoMs;
  readonly readAtWallMs: WallMs;
}

export const rungs = ["soft-reboot", "hard-reboot", "power-cycle", "rebuild", "replace"] as const;
/** One way to bring a machine back. */
export type Rung = (typeof rungs)[number];

/** A fresh replica's report, as the leader sees it. */
export interface ObserverView {
  readonly instance: string;
  /** The node this replica runs on; its votes about that node do not count. */
  readonly node: NodeName;
  /** When we saw this report change last. */
  readonly changedAtMonoMs: MonoMs;
  readonly intervalMs: number;
  /** More than half of at least three targets looked bad: it votes `unknown` on everything. */
  readonly suspectsSelf: boolean;
  readonly isTruncated: boolean;
  readonly failing: readonly ObservedFailure[];
  /** Checks that it could not judge: neither a vote for nor against. */
  readonly unknown: readonly { readonly node: NodeName; readonly check: string }[];
}

export interface ObservedFailure {
  readonly node: NodeName;
  readonly nodeUid: NodeUid;
  readonly check: string;
  readonly message: string;
  /** When we first saw this observer report it without a gap. */
  readonly firstSeenMonoMs: MonoMs;
}

/** Name of the built-in probe whose `fail` means: nothing on that node's address answered at all, not even with a refusal. */
export const muteCheck = "mute";
