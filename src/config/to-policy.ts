import { rungNeeds } from "../core/ladder.ts";
import type { Role, Rung } from "../core/model.ts";
import type { Policy } from "../core/policy.ts";
import type { Config } from "./config.ts";
import { chooseEtcd, chooseLadder, type ProviderTraits } from "./ladders.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { losesEtcd } from "./rules.ts";

/**
 * Completes the policy with what only the provider knows. Called once, after the provider was made.
 *
 * @param provider undefined: none is configured, machines are fenced locally
 * @throws ConfigError when a configured ladder has a rung that the provider cannot climb, or that would lose etcd
 */
export function toPolicy(config: Config, provider: ProviderTraits | undefined): Policy {
  const { ladder, etcd: _open, ...settings } = config.policy;
  const etcd = chooseEtcd(config, provider).value;
  if (provider !== undefined) {
    const problems = [
      ...roles.flatMap((role) => missing(role, ladder[role] ?? [], provider)),
      ...lost(etcd === "stacked" ? (ladder.master ?? []) : []),
    ];
    if (problems.length > 0) throw new ConfigError(problems);
  }
  return {
    ...settings,
    etcd,
    ladder: {
      master: chooseLadder(config, provider, "master").value,
      worker: chooseLadder(config, provider, "worker").value,
    },
    provider: provider && {
      id: provider.id,
      capabilities: provider.capabilities,
      followsReplacements: provider.replacement !== undefined,
    },
  };
}

const roles: readonly Role[] = ["master", "worker"];

function lost(ladder: readonly Rung[]): Problem[] {
  const message = losesEtcd(ladder);
  return message === undefined ? [] : [{ at: undefined, source: "configuration", path: "ladder.master", message }];
}

function missing(role: Role, ladder: readonly Rung[], provider: ProviderTraits): Problem[] {
  return ladder.flatMap((rung) => {
    const lacking = rungNeeds[rung].filter((need) => !provider.capabilities.includes(need));
    if (lacking.length === 0) return [];
    const message = `${rung} needs ${lacking.join(", ")}, which provider ${provider.id} cannot do`;
    return [{ at: undefined, source: "configuration", path: `ladder.${role}`, message }];
  });
}
