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
  /**
   * Our last act on it is known to have failed, in the owner's words: the engine stops waiting for it and may ask again.
   * Of the last act only; not to be told any more while another one is under way.
   */
  readonly failedAct?: string;
  /** The owner itself reports the machine as broken (as Nova's status ERROR), in its own words. */
  readonly fault?: string;
}

/**
 * The owner's own reason not to touch a machine. `destruction`: power-off, reboot, rebuild and replace must wait.
 * `machine`: power-on as well. `everything`: nothing at all is done about the node, as under a pause.
 */
export interface Interlock {
  readonly stops: "destruction" | "machine" | "everything";
  /** For people, as `cluster k8s is UPDATE_IN_PROGRESS`. */
  readonly because: string;
}

/** How a replacement stands. */
export interface ReplaceProgress {
  /**
   * `not-begun`: the owner knows of none. `under-way`: it works on it, and has its own time limit. `done`: the old
   * machine is gone and the successor exists. `failed`: the owner gave up.
   */
  readonly state: "not-begun" | "under-way" | "done" | "failed";
  /** The old machine does not exist any more, by the owner's own word. */
  readonly isOldGone: boolean;
  /** Found again, in any case, in its Node's providerID, system UUID or aceso.dev/machine, and confirmed by `identify`. */
  readonly successor?: MachineId;
  /** The owner's own words. */
  readonly text: string;
}

/** Follows a replacement whose successor is another machine, perhaps with another name. */
export interface Replacement {
  /**
   * Read right before the act and stored with its intent, so that any later leader can tell whether it took place and
   * which machine is the successor.
   *
   * @returns text of the provider's own form, at most 1,024 characters
   */
  plan(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<string>;
  /** Reads how it stands. Changes nothing. */
  follow(machine: MachineId, plan: string, signal: AbortSignal): Promise<ReplaceProgress>;
}

/** What the engine thinks of the nodes, for an owner that shows it. */
export interface HealthReport {
  /** Nodes that are due for repair, under repair or held, by name. */
  readonly ill: readonly { readonly node: NodeName; readonly reason: string }[];
  /** How many nodes there are. */
  readonly nodes: number;
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
  /**
   * Asked-for is enough: the engine follows it through `replacement`, where there is one.
   *
   * @param plan what `replacement.plan` answered for this act; undefined without `replacement`
   */
  replace?(act: Act, plan: string | undefined): Promise<void>;
  readonly replacement?: Replacement;
  /**
   * The owner's reason not to act on a machine now; undefined: none. Asked while a node is ill, now and then, and anew before
   * each act. While it throws nothing is begun, and no machine is touched.
   */
  interlock?(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<Interlock | undefined>;
  /** Power of all machines in few questions, for the check ProviderState. Without it they are observed one by one. */
  survey?(signal: AbortSignal): Promise<ReadonlyMap<MachineId, PowerAnswer>>;
  /** Shows the cluster's health to the owner. Called when the report changes, and again after it threw. */
  reportHealth?(report: HealthReport, signal: AbortSignal): Promise<void>;
  /** A control-plane node that was rebuilt or replaced joins etcd anew by itself: the default of control-plane.etcd. */
  readonly rejoinsEtcd?: boolean;
  /**
   * Tells of machines whose power may just have changed, so that they are looked at at once. Called once in each term of a
   * leader. A hint proves nothing and may be missing, late or doubled. Resolves after the signal has aborted, never
   * rejects, and connects anew by itself; one that ends all the same is called again, with growing pauses.
   *
   * @param onHint called with a machine's id; returns at once and never throws
   */
  watch?(onHint: (machine: MachineId) => void, signal: AbortSignal): Promise<void>;
  close?(): Promise<void>;
}

export interface ProviderContext {
  readonly clock: Clock;
  readonly log: Log;
  /** `cluster-name` of the configuration. */
  readonly clusterName: string | undefined;
}

/** What of the rest of the configuration a provider's section is judged by. */
export interface ProviderUse {
  /** `dry-run`: no machine will be touched. */
  readonly isDryRun: boolean;
}

/** A kind of provider; `id` is also the name of its section in the configuration. */
export interface ProviderPlugin {
  readonly apiVersion: "aceso.dev/v1alpha1";
  readonly kind: "provider";
  readonly id: string;
  readonly summary: string;
  readonly params: ParamSchema;
  /** What the schema cannot say, asked when every parameter is right by itself. Pure; `check-config` runs it too. */
  mistakes?(params: ParamValues, use: ProviderUse): readonly ParamMistake[];
  create(params: ParamValues, context: ProviderContext): Provider | Promise<Provider>;
}

/** Adds types to a plugin's value; registers nothing. */
export function defineProvider(plugin: Omit<ProviderPlugin, "apiVersion" | "kind">): ProviderPlugin {
  return { apiVersion: "aceso.dev/v1alpha1", kind: "provider", ...plugin };
}
