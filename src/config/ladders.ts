import type { Role, Rung } from "../core/model.ts";
import type { Capability, Policy } from "../core/policy.ts";
import type { Config } from "./config.ts";
import { wipingRungs } from "./schema.ts";

/** What deciding needs to know of the running provider. */
export interface ProviderTraits {
  readonly id: string;
  readonly capabilities: readonly Capability[];
  defaultLadder(role: Role): readonly Rung[];
  /** Present where replacements are followed. */
  readonly replacement?: object;
  readonly rejoinsEtcd?: boolean;
}

/** A value that the configuration may leave open, and the rule by which it was chosen. */
export interface Chosen<T> {
  readonly value: T;
  /** Undefined: the configuration says so itself. */
  readonly because: string | undefined;
}

/** Where etcd lives. */
export function chooseEtcd(config: Config, provider: ProviderTraits | undefined): Chosen<Policy["etcd"]> {
  const { etcd } = config.policy;
  if (etcd !== undefined) return { value: etcd, because: undefined };
  if (provider?.rejoinsEtcd !== true) return { value: "stacked", because: "the default" };
  return { value: "rejoins", because: `provider ${provider.id} lets a node that was made anew join by itself` };
}

/**
 * The rungs of a role. A provider's own ladder loses `rebuild` and `replace` on control-plane nodes with stacked etcd. A
 * file of magnum-auto-healer gets what that does: first a reboot of nodes whose kubelet answers.
 */
export function chooseLadder(
  config: Config,
  provider: ProviderTraits | undefined,
  role: Role,
): Chosen<readonly Rung[]> {
  const configured = config.policy.ladder[role];
  if (configured !== undefined) return { value: configured, because: undefined };
  if (provider === undefined) return { value: [], because: "there is no provider" };
  const mayWipe = role === "worker" || chooseEtcd(config, provider).value !== "stacked";
  const own = provider.defaultLadder(role).filter((rung) => mayWipe || !wipingRungs.includes(rung));
  const ofProvider = `the default of provider ${provider.id}`;
  if (!config.isMagnumFile || !provider.capabilities.includes("soft-reboot") || own.includes("soft-reboot"))
    return { value: own, because: ofProvider };
  const because = `the file is magnum-auto-healer's: a reboot first where the kubelet answers, then ${ofProvider}`;
  return { value: ["soft-reboot", ...own], because };
}

/** One line for each value that the configuration left open: what holds, and why. */
export function chosenNotes(config: Config, provider: ProviderTraits | undefined): readonly string[] {
  if (provider === undefined) return [];
  const roles = ["master", "worker"] as const;
  const ladders = roles.flatMap((role) => {
    const { value, because } = chooseLadder(config, provider, role);
    return because === undefined ? [] : [`ladder.${role}: ${value.join(", ") || "no rung"} (${because})`];
  });
  const etcd = chooseEtcd(config, provider);
  return [...ladders, ...(etcd.because === undefined ? [] : [`control-plane.etcd: ${etcd.value} (${etcd.because})`])];
}
