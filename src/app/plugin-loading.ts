import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as builtIn from "../../plugins/index.ts";
import type { Registry } from "../config/config.ts";
import { AcesoError, messageOf } from "../core/errors.ts";
import type { HealthCheckPlugin, ProviderPlugin } from "../plugin-api/index.ts";
import { pluginProblems } from "./plugin-problems.ts";

/** A plugin cannot be used. A healer that lacks a check or a provider must not start. */
export class PluginLoadError extends AcesoError {
  readonly code = "ACESO_PLUGIN_LOAD";
  readonly remedy = "ask-operator";
}

/**
 * All built-in plugins and those of other people.
 *
 * @param paths ES modules from the configuration's `plugins:`; relative ones are found from the working directory
 * @throws PluginLoadError naming every module that cannot be used, and why
 */
export async function loadPlugins(paths: readonly string[] = []): Promise<Registry> {
  const checks = new Map<string, HealthCheckPlugin>();
  const providers = new Map<string, ProviderPlugin>();
  for (const [id, load] of Object.entries(builtIn.checks)) checks.set(id, (await load()).default);
  for (const [id, load] of Object.entries(builtIn.providers)) providers.set(id, (await load()).default);

  const problems: string[] = [];
  for (const path of paths) {
    const plugin = await importPlugin(path);
    if ("problems" in plugin) problems.push(...plugin.problems.map((problem) => `${path}: ${problem}`));
    else if (checks.has(plugin.id) || providers.has(plugin.id))
      problems.push(`${path}: there is a plugin "${plugin.id}" already`);
    else if (plugin.kind === "health-check") checks.set(plugin.id, plugin);
    else providers.set(plugin.id, plugin);
  }
  if (problems.length > 0) throw new PluginLoadError(`loading plugins: ${problems.join("; ")}`);
  return { checks, providers };
}

async function importPlugin(
  path: string,
): Promise<HealthCheckPlugin | ProviderPlugin | { problems: readonly string[] }> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    return { problems: [`importing it: ${messageOf(error)}`] };
  }
  if (module.default === undefined) return { problems: ["it has no default export"] };
  const problems = pluginProblems(module.default);
  // Checked field by field by pluginProblems.
  return problems.length > 0 ? { problems } : (module.default as HealthCheckPlugin | ProviderPlugin);
}
