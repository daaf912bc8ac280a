import type { LeaseSight, NodeFacts, PowerReading, Verdict } from "../core/model.ts";
import type { MonoMs, Now } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { ProbeTarget } from "../ports/reports.ts";
import type { ParamMistake, ParamSchema, ParamValues } from "./params.ts";

/** What a check says of one node. `unknown` means that it could not look; it never makes a node unhealthy. */
export interface CheckResult {
  readonly verdict: Verdict;
  /** For people, at most 256 characters, without secrets. */
  readonly message: string;
  /** Passive checks only: since when the fact it reports has held, where it knows better than "since now". */
  readonly sinceMonoMs?: MonoMs;
}

/** What a probe says. `answered`: something on the node's address replied, be it a refusal. */
export interface ProbeResult extends CheckResult {
  readonly answered: boolean;
}

/** Judges a cached Node. Pure and quick: the leader calls it on every change. */
export interface PassiveCheck {
  /** @param power the machine as its provider last read it, for plugins with `needsPower`; undefined: no fresh reading */
  evaluate(node: NodeFacts, lease: LeaseSight | undefined, now: Now, power?: PowerReading): CheckResult;
}

/** Asks the node over the network. Called by each observer every interval; must end soon after the signal aborts. */
export interface ProbingCheck {
  probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult>;
  /** Frees sockets. */
  close?(): Promise<void>;
}

export interface CheckContext {
  readonly clock: Clock;
  readonly log: Log;
  /** Silence of the configuration, in ms (what `NodeLease` calls silent). */
  readonly silenceMs: number;
}

/** A kind of health check. `interval`, `timeout` and `unhealthy-duration` are the runner's and need no mention here. */
export interface HealthCheckPlugin {
  readonly apiVersion: "aceso.dev/v1alpha1";
  readonly kind: "health-check";
  /** The `type` in the configuration. */
  readonly id: string;
  readonly summary: string;
  readonly params: ParamSchema;
  /** A passive check that judges what the provider says: the leader then asks about all machines, every `interval`. */
  readonly needsPower?: boolean;
  /** What the schema cannot say, asked when every parameter is right by itself. Pure; `check-config` runs it too. */
  mistakes?(params: ParamValues): readonly ParamMistake[];
  create(params: ParamValues, context: CheckContext): PassiveCheck | ProbingCheck;
}

/** Adds types to a plugin's value; registers nothing. */
export function defineHealthCheck(plugin: Omit<HealthCheckPlugin, "apiVersion" | "kind">): HealthCheckPlugin {
  return { apiVersion: "aceso.dev/v1alpha1", kind: "health-check", ...plugin };
}
