import type { Role, Rung } from "./model.ts";

/** A limit on how many nodes: a share of all nodes (0 to 1), or a count. */
export type NodeLimit = { readonly ratio: number } | { readonly count: number };

/** Everything that deciding needs from the configuration. Durations in milliseconds. */
export interface Policy {
  readonly isDryRun: boolean;
  readonly silenceMs: number;
  readonly recoveryHoldMs: number;
  readonly startupDelayMs: number;
  readonly checkDelayAfterAddMs: number;
  readonly maxUnhealthy: NodeLimit;
  readonly maxParallel: number;
  readonly maxRepairsPerHour: number;
  readonly stormCooldownMs: number;
  readonly cordonedHoldMs: number;
  readonly drainTimeoutMs: number;
  readonly releaseTimeoutMs: number;
  readonly rungTimeoutMs: number;
  /** Time of the two reboot rungs. */
  readonly rebuildDelayAfterRebootMs: number;
  readonly attempts: Readonly<Record<Rung, number>>;
  readonly attemptsDecayMs: number;
  readonly ladder: Readonly<Record<Role, readonly Rung[]>>;
  readonly acceptDiskLoss: boolean;
  /** Labels a node must carry to be touched; empty: all nodes. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Roles that are looked after. */
  readonly monitored: Readonly<Record<Role, boolean>>;
  readonly etcd: "stacked" | "external" | "rejoins";
  readonly fencing: {
    readonly acceptUnproven: boolean;
    readonly requireReboot: boolean;
    readonly powerOffTimeoutMs: number;
    readonly offReadIntervalMs: number;
    readonly powerOnFoundOff: boolean;
  };
  /** Undefined: no provider is configured (local fencing). */
  readonly provider:
    | {
        readonly id: string;
        readonly capabilities: readonly Capability[];
        /** A replacement is asked for and then followed, since its successor is another machine. */
        readonly followsReplacements?: boolean;
      }
    | undefined;
}

export const capabilities = [
  "observe",
  "power-off",
  "power-on",
  "soft-reboot",
  "hard-reboot",
  "rebuild",
  "replace",
] as const;
/** What a provider can do. */
export type Capability = (typeof capabilities)[number];
