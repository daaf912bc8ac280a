import type { Validity } from "../core/certificate.ts";
import type { MachineId, NodeFacts, NodeName, ObserverView, PowerState } from "../core/model.ts";
import type { Policy } from "../core/policy.ts";
import type { Now, WallMs } from "../core/time.ts";
import type { ClusterAnnotations, StoredRecord } from "../core/view.ts";
import type { Right } from "./required-rights.ts";
import type { Seen } from "./seen.ts";

/** Everything that diagnoses look at: plain values, read once. */
export interface DoctorFacts {
  readonly namespace: string;
  /** Undefined: Aceso runs outside a cluster. */
  readonly daemonSetName: string | undefined;
  /** Each API server by itself. */
  readonly servers: readonly ServerFacts[];
  readonly config: ConfigFacts;
  readonly provider: ProviderFacts;
  /** Undefined: none are sent, or the configuration could not be read. */
  readonly receiver: ReceiverFacts | undefined;
  /** Of the status page, as its files are where doctor runs. Undefined: it speaks no TLS, or as above. */
  readonly certificate: CertificateFacts | undefined;
  /** Undefined: no API server answers, so nothing else could be asked. */
  readonly cluster: ClusterFacts | undefined;
}

export interface ServerFacts {
  readonly base: string;
  /** It is in kubernetes.api-host. */
  readonly isConfigured: boolean;
  readonly answer:
    | {
        readonly kind: "answered";
        /** HTTP status of /readyz. */
        readonly status: number;
        readonly tookMs: number;
        /** Its clock minus ours, from the Date header; undefined: there was none. Whole seconds, so 1 s either way. */
        readonly aheadMs: number | undefined;
      }
    | { readonly kind: "silent"; readonly problem: string };
}

export interface ConfigFacts {
  /** As `configmap/aceso in namespace aceso`, or a file. */
  readonly source: string;
  /** A file that a person named, so it is meant for this machine. */
  readonly isFile: boolean;
  readonly read: Seen<ReadConfig>;
}

export interface ReadConfig {
  readonly warnings: readonly string[];
  readonly leaderElect: boolean;
  /** There are probing checks, whose failures observers vote on. */
  readonly hasProbes: boolean;
  /** Id in the configuration; undefined: none. */
  readonly provider: string | undefined;
  /** Undefined: the provider could not be made here, so its ladder is not known. */
  readonly policy: Policy | undefined;
}

/** What came of asking the provider harmlessly, from where doctor runs. */
export type ProviderFacts =
  /** There is none, or the configuration or the nodes could not be read. */
  | { readonly kind: "not-asked" }
  | { readonly kind: "broken"; readonly problem: string }
  | {
      readonly kind: "asked";
      readonly id: string;
      readonly answers: readonly MachineAnswer[];
      /** Nodes that were not asked about, to keep it short. */
      readonly notAsked: number;
    };

/** What the provider said of one node. */
export interface MachineAnswer {
  readonly node: NodeName;
  readonly machine: Answer<MachineId | undefined>;
  /** Undefined: not asked. */
  readonly power: Answer<{ readonly power: PowerState; readonly text: string }> | undefined;
}

/** What came of trying the receiver of notifications, from where doctor runs, without sending one. */
export interface ReceiverFacts {
  /** Scheme, host and port. Not the path, which may be a secret. */
  readonly origin: string;
  readonly problems: readonly { readonly part: ReceiverPart; readonly problem: string }[];
}

export type ReceiverPart = "secret-file" | "ca-file" | "connection";

export type CertificateFacts =
  | {
      readonly kind: "pair";
      /** Names and addresses in the certificate; may be empty. */
      readonly names: string;
      readonly validity: Validity;
      /** By this machine's clock. */
      readonly readAtWallMs: WallMs;
    }
  | { readonly kind: "failed"; readonly problem: string };

export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "failed"; readonly problem: string };

export interface ClusterFacts {
  /** Both clocks are the API server's. */
  readonly now: Now;
  readonly version: Seen<VersionFacts>;
  readonly customResources: ReadonlyMap<string, Seen<CustomResourceFacts>>;
  /** Policies and bindings by `kind/name`, as `policy/aceso-nodes`. */
  readonly admission: ReadonlyMap<string, Seen<AdmissionFacts>>;
  readonly daemonSet: Seen<DaemonSetFacts>;
  readonly rights: RightsFacts;
  readonly nodes: Seen<readonly NodeFacts[]>;
  readonly leases: Seen<readonly HeartbeatFacts[]>;
  readonly records: Seen<ReadonlyMap<NodeName, StoredRecord>>;
  readonly leader: Seen<LeaderFacts>;
  readonly observers: Seen<readonly ObserverView[]>;
  readonly annotations: ClusterAnnotations;
  readonly otherHealers: Seen<readonly HealerFacts[]>;
}

export interface VersionFacts {
  readonly gitVersion: string;
  readonly outOfService: "none" | "needs-gate" | "built-in" | "unknown";
  readonly hasAdmissionPolicies: boolean;
}

export interface CustomResourceFacts {
  readonly isEstablished: boolean;
  readonly servedVersions: readonly string[];
  readonly hasStatus: boolean;
  /** Paths of the fields below `spec` that the schema of our version knows, as `request.bootId`. */
  readonly specFields: ReadonlySet<string>;
}

export interface AdmissionFacts {
  /** Of a binding; empty for a policy. */
  readonly actions: readonly string[];
  /** Text in which user names may stand, of a policy's match conditions. */
  readonly conditions: string;
}

export interface DaemonSetFacts {
  readonly serviceAccount: string;
  readonly desired: number;
  readonly ready: number;
}

export interface RightsFacts {
  /** User name whose rights were asked about. */
  readonly who: string;
  readonly answers: readonly { readonly right: Right; readonly isAllowed: Seen<boolean> }[];
}

/** A kubelet's Lease. */
export interface HeartbeatFacts {
  readonly node: NodeName;
  readonly renewedAtWallMs: WallMs;
  /** When the API server took that in, by its own clock; undefined: it does not say. */
  readonly writtenAtWallMs: WallMs | undefined;
}

export interface LeaderFacts {
  readonly holder: string;
  readonly renewedForMs: number;
  readonly isAlive: boolean;
}

/** Something else in the cluster that restarts, removes or drains nodes. */
export interface HealerFacts {
  readonly kind: HealerKind;
  /** As `daemonset kube-system/magnum-auto-healer`. */
  readonly where: string;
}

export type HealerKind =
  | "magnum-auto-healer"
  | "asklepios"
  | "node-health-check"
  | "self-node-remediation"
  | "machine-health-check"
  | "kured"
  | "cluster-autoscaler"
  | "karpenter";
