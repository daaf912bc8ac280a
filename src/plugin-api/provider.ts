import type { MachineId, NodeName, NodeUid, PowerState, Role, Rung } from "../core/model.ts";
import type { Capability } from "../core/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { ParamMistake, ParamSchema, ParamValues } from "./params.ts";

/** What a provider may know of a Node to find its machine. */
export interface NodeIdentity {
  readonly name: NodeName;
  readonly uid: NodeUid;
  readonly providerID: string;
  readonly systemUUID: string;
  readonly internalIP: string | undefined;
  /** Annotation aceso.dev/machine: a person's explicit mapping. */
  readonly machineAnnotation: string | undefined;
}

/** One destructive (or restoring) act that the engine asks for. */
export interface Act {
  readonly machine: MachineId;
  readonly node: NodeIdentity;
  /** The intent's id: the same act asked again carries the same id. */
  readonly id: string;
  readonly timeoutMs: number;
  /** Aborts at the deadline and when leadership ends; a child's whole process group must then be killed. */
  readonly signal: AbortSignal;
  /** To be awaited right before each destructive step. @throws when the step must not be taken any more */
  mayAct(): Promise<void>;
}

export interface PowerAnswer {
  readonly power: PowerState;
  /** The owner's own words, kept as evidence. */
  readonly text: string;
}

/**
 * Talks to the machines' owner. Every method ends soon after its signal aborts.
 *
 * @throws ProviderError with remedy `retry` (try again later), `re-read` (outcome unknown: observe), `give-up`
 *   (this rung cannot work) or `ask-operator` (nothing here can work without a person)
 */
export interface Provider {
  readonly id: string;
  readonly capabilities: readonly Capability[];
  /** Used where the configuration names no ladder. */
  defaultLadder(role: Role): readonly Rung[];
  /** The machine of a Node. Undefined: it has none here. */
  identify(node: NodeIdentity, signal: AbortSignal): Promise<MachineId | undefined>;
  observe(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<PowerAnswer>;
  /** Asked-for is enough: the engine observes until it reads off. */
  powerOff?(act: Act): Promise<void>;
  powerOn?(act: Act): Promise<void>;
  reboot?(act: Act, kind: "soft" | "hard"): Promise<void>;
  rebuild?(act: Act): Promise<void>;
  replace?(act: Act): Promise<void>;
  close?(): Promise<void>;
}

export interface ProviderContext {
  readonly clock: Clock;
  readonly log: Log;
}

/** A kind of provider; `id` is also the name of its section in the configuration. */
export interface ProviderPlugin {
  readonly apiVersion: "aceso.dev/v1alpha1";
  readonly kind: "provider";
  readonly id: string;
  readonly summary: string;
  readonly params: ParamSchema;
  /** What the schema cannot say, asked when every parameter is right by itself. Pure; `check-config` runs it too. */
  mistakes?(params: ParamValues): readonly ParamMistake[];
  create(params: ParamValues, context: ProviderContext): Provider | Promise<Provider>;
}

/** Adds types to a plugin's value; registers nothing. */
export function defineProvider(plugin: Omit<ProviderPlugin, "apiVersion" | "kind">): ProviderPlugin {
  return { apiVersion: "aceso.dev/v1alpha1", kind: "provider", ...plugin };
}
