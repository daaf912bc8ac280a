import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { chosenNotes } from "../config/ladders.ts";
import { load } from "../config/load.ts";
import { readPluginPaths } from "../config/plugin-paths.ts";
import { ConfigError } from "../config/problem.ts";
import { toPolicy } from "../config/to-policy.ts";
import { AcesoError, messageOf } from "../core/errors.ts";
import type { Policy } from "../core/policy.ts";
import type { ProbeSpec } from "../core/view.ts";
import type { PassiveSpec } from "../engine/passive-findings.ts";
import type { ProbePlan } from "../observer/probe-plan.ts";
import type { CheckContext, PassiveCheck, ProbingCheck, Provider } from "../plugin-api/index.ts";
import { loadPlugins } from "./plugin-loading.ts";

/** The file of the configuration cannot be read. */
export class ConfigFileError extends AcesoError {
  readonly code = "ACESO_CONFIG_FILE";
  readonly remedy = "ask-operator";
}

/** What overrules the file. */
export interface Overrides {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, string>>;
}

/** Configuration with its plugins, nothing made yet. */
export interface Loaded {
  readonly config: Config;
  readonly registry: Awaited<ReturnType<typeof loadPlugins>>;
}

/**
 * Reads the file, imports the plugins that it names, and validates everything.
 *
 * @throws ConfigFileError when the file cannot be read; ConfigError with every problem; PluginLoadError
 */
export async function loadConfiguration(file: string, overrides: Overrides): Promise<Loaded> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new ConfigFileError(
      `reading the configuration ${file}: ${messageOf(error)}; name another file with --config`,
    );
  });
  const registry = await loadPlugins(readPluginPaths(text, file).map((it) => it.path));
  return { config: load(text, { file, registry, layers: overrides }), registry };
}

/** Everything that is made from the configuration once, at start. */
export interface Parts {
  readonly policy: Policy;
  readonly provider: Provider | undefined;
  readonly passive: readonly PassiveSpec[];
  readonly probing: readonly ProbePlan[];
  readonly probes: readonly ProbeSpec[];
  /** What the configuration left open and the provider settled, one line each. */
  readonly notes: readonly string[];
}

/**
 * Makes provider and checks.
 *
 * @throws ConfigError when the ladder asks for more than the provider can do; ProviderError when it cannot be made
 */
export async function makeParts(
  { config, registry }: Loaded,
  context: Omit<CheckContext, "silenceMs">,
): Promise<Parts> {
  const plugin = config.provider && registry.providers.get(config.provider.id);
  const provider =
    plugin && config.provider
      ? await plugin.create(config.provider.params, { ...context, clusterName: config.clusterName || undefined })
      : undefined;
  const policy = toPolicy(config, provider);
  const passive: PassiveSpec[] = [];
  const probing: ProbePlan[] = [];
  const probes: ProbeSpec[] = [];
  for (const it of [...config.checks.master, ...config.checks.worker]) {
    const kind = registry.checks.get(it.type);
    if (kind === undefined) throw new ConfigError([]);
    const check = kind.create(it.params, { ...context, silenceMs: policy.silenceMs });
    const { id, role, unhealthyDurationMs } = it;
    if (isPassive(check))
      passive.push({
        id,
        role,
        unhealthyDurationMs,
        check,
        ...(kind.needsPower === true && { asksPowerEveryMs: it.intervalMs }),
      });
    else {
      probing.push({ id, role, intervalMs: it.intervalMs, timeoutMs: it.timeoutMs, check });
      probes.push({ id, role, unhealthyDurationMs });
    }
  }
  return { policy, provider, passive, probing, probes, notes: chosenNotes(config, provider) };
}

function isPassive(check: PassiveCheck | ProbingCheck): check is PassiveCheck {
  return "evaluate" in check;
}

/** The mute probe: needed where a node may be fenced without proof. Asked often, since fencing waits for it. */
export function muteProbe(policy: Policy): { readonly intervalMs: number; readonly timeoutMs: number } | undefined {
  const isNeeded = policy.provider === undefined && policy.fencing.acceptUnproven;
  return isNeeded ? { intervalMs: 5_000, timeoutMs: 2_000 } : undefined;
}
