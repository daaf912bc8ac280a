import type { Role, Rung } from "../core/model.ts";
import type { Policy } from "../core/policy.ts";
import type { HealthCheckPlugin } from "../plugin-api/health-check.ts";
import type { ParamValues } from "../plugin-api/params.ts";
import type { ProviderPlugin } from "../plugin-api/provider.ts";

/** The plugins there are, by the `type` of a check and the section of a provider. */
export interface Registry {
  readonly checks: ReadonlyMap<string, HealthCheckPlugin>;
  readonly providers: ReadonlyMap<string, ProviderPlugin>;
}

/** One configured check of one role. */
export interface CheckConfig {
  /** Its type; from the second of the same type within a role on with `#2`, `#3`… */
  readonly id: string;
  readonly type: string;
  readonly role: Role;
  /** The plugin's own parameters, without the runner's. */
  readonly params: ParamValues;
  readonly unhealthyDurationMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Files in PEM; they may change while the program runs. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Where people's news is sent to. */
export interface NotificationSettings {
  readonly url: string;
  readonly secretFile: string;
  /** Undefined: the authorities that Node brings. */
  readonly caFile: string | undefined;
  readonly timeoutMs: number;
  readonly isWarningsOnly: boolean;
  /** Empty when not given. */
  readonly cluster: string;
}

/** What the configuration knows of the policy; `toPolicy` adds what only the provider knows. */
export interface PolicySettings extends Omit<Policy, "provider" | "ladder" | "etcd"> {
  /** Undefined: as the provider has it. */
  readonly etcd: Policy["etcd"] | undefined;
  /** Undefined: the provider's own ladder. */
  readonly ladder: Readonly<Record<Role, readonly Rung[] | undefined>>;
}

/** The whole configuration, validated and deeply frozen. Holds secrets (in params): never log it, show `effective`. */
export interface Config {
  readonly policy: PolicySettings;
  /** Written for magnum-auto-healer: it knows nothing of Aceso's own keys. */
  readonly isMagnumFile: boolean;
  /** Empty when not given. */
  readonly clusterName: string;
  readonly monitorIntervalMs: number;
  readonly checks: Readonly<Record<Role, readonly CheckConfig[]>>;
  readonly provider: { readonly id: string; readonly params: ParamValues } | undefined;
  readonly leaderElect: boolean;
  readonly leaderElection: {
    readonly leaseDurationMs: number;
    readonly renewDeadlineMs: number;
    readonly retryPeriodMs: number;
  };
  readonly kubernetes: {
    /** Empty: the kubeconfig's or the cluster's own. */
    readonly apiHosts: readonly string[];
    readonly kubeconfig: string | undefined;
  };
  readonly http: {
    /** Undefined: switched off. */
    readonly probes: Address | undefined;
    /** Undefined: switched off. */
    readonly pages: Address | undefined;
    readonly anyoneMayRead: boolean;
    readonly hostNames: readonly string[];
    /** How `pages` speaks TLS; undefined: it speaks plain HTTP, as it always does on loopback. */
    readonly tls: TlsFiles | undefined;
  };
  /** Undefined: none are sent. */
  readonly notifications: NotificationSettings | undefined;
  readonly plugins: readonly { readonly path: string }[];
  /** Rebalance StatefulSets after a repair (Asklepios' `balancer`). */
  readonly balancer: boolean;
  /** For the log at start-up and `check-config`; each begins with the place in the file where there is one. */
  readonly warnings: readonly string[];
  /** The effective settings as a person would write them, secrets masked. */
  readonly effective: Readonly<Record<string, unknown>>;
}
