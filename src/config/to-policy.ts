import { rungNeeds } from "../core/ladder.ts";
import type { Role, Rung } from "../core/model.ts";
import type { Capability, Policy } from "../core/policy.ts";
import type { Config } from "./config.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { wipingRungs } from "./schema.ts";

/** What deciding needs to know of the running provider. */
export interface ProviderTraits {
  readonly id: string;
  readonly capabilities: readonly Capability[];
  defaultLadder(role: Role): readonly Rung[];
  /** Present where replacements are followed. */
  readonly replacement?: object;
}

/**
 * Completes the policy with what only the provider knows. Called once, after the provider was made.
 *
 * A provider's own ladder loses `rebuild` and `replace` on control-plane nodes with stacked etcd.
 *
 * @param provider undefined: none is configured, machines are fenced locally
 * @throws ConfigError when a configured ladder has a rung that the provider cannot climb
 */
export function toPolicy(config: Config, provider: ProviderTraits | undefined): Policy {
  const { ladder, ...settings } = config.policy;
  const problems = provider === undefined ? [] : roles.flatMap((role) => missing(role, ladder[role] ?? [], provider));
  if (problems.length > 0) throw new ConfigError(problems);
  const mayWipe = (role: Role) => role === "worker" || settings.etcd !== "stacked";
  const byDefault = (role: Role) =>
    (provider?.defaultLadder(role) ?? []).filter((rung) => mayWipe(role) || !wipingRungs.includes(rung));
  const ladderOf = (role: Role) => ladder[role] ?? byDefault(role);
  return {
    ...settings,
    ladder: { master: ladderOf("master"), worker: ladderOf("worker") },
    provider: provider && {
      id: provider.id,
      capabilities: provider.capabilities,
      followsReplacements: provider.replacement !== undefined,
    },
  };
}

const roles: readonly Role[] = ["master", "worker"];

function missing(role: Role, ladder: readonly Rung[], provider: ProviderTraits): Problem[] {
  return ladder.flatMap((rung) => {
    const lacking = rungNeeds[rung].filter((need) => !provider.capabilities.includes(need));
    if (lacking.length === 0) return [];
    const message = `${rung} needs ${lacking.join(", ")}, which provider ${provider.id} cannot do`;
    return [{ at: undefined, source: "configuration", path: `ladder.${role}`, message }];
  });
}
