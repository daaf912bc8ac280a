import { readFile } from "node:fs/promises";
import { text as readStream } from "node:stream/consumers";
import type { CheckedConfig } from "../cli/cli-ports.ts";
import type { Config } from "../config/config.ts";
import { type Layers, noLayers } from "../config/layers.ts";
import { load } from "../config/load.ts";
import { readPluginPaths } from "../config/plugin-paths.ts";
import { showConfig } from "../config/show.ts";
import { messageOf } from "../core/errors.ts";
import { ProviderError } from "../plugin-api/index.ts";
import { systemClock } from "./clock.ts";
import { loadPlugins } from "./plugin-loading.ts";
import { quietLog } from "./quiet-ports.ts";
import { ConfigFileError, makeParts, type Parts } from "./setup.ts";

/** Text of a file, or of standard input for `-`. @throws ConfigFileError */
export async function readConfigText(file: string): Promise<string> {
  try {
    return file === "-" ? await readStream(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new ConfigFileError(`reading the configuration ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** What a command of a person makes of a configuration. */
export interface JudgedConfig {
  readonly config: Config;
  /** Undefined: the provider cannot run in this version. */
  readonly parts: Parts | undefined;
  /** Why `parts` are missing. */
  readonly problem: string | undefined;
}

/**
 * Loads a configuration and makes checks and provider once, so that what only they know is judged too.
 *
 * @param name of the file, for messages
 * @throws ConfigError PluginLoadError PluginParamError
 */
export async function judgeConfig(text: string, name: string, layers: Layers = noLayers): Promise<JudgedConfig> {
  const registry = await loadPlugins(readPluginPaths(text, name).map((it) => it.path));
  const config = load(text, { file: name, registry, layers });
  try {
    const parts = await makeParts({ config, registry }, { clock: systemClock, log: quietLog });
    return { config, parts, problem: undefined };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { config, parts: undefined, problem: error.message };
  }
}

/** Ends what `makeParts` made. */
export async function closeParts(parts: Parts | undefined): Promise<void> {
  await parts?.provider?.close?.();
  for (const { check } of parts?.probing ?? []) await check.close?.();
}

/** `aceso check-config`. @throws AcesoError whose message holds every problem */
export async function checkConfig(file: string, format: "yaml" | "json"): Promise<CheckedConfig> {
  const name = file === "-" ? "(standard input)" : file;
  const { config, parts, problem } = await judgeConfig(await readConfigText(file), name);
  await closeParts(parts);
  return {
    text: `${showConfig(config, format)}${format === "yaml" ? commented(parts?.notes ?? []) : ""}`,
    warnings: [
      ...config.warnings,
      ...(problem === undefined ? [] : [`${problem}; a replica that finds it so does not start`]),
    ],
  };
}

/** As YAML comments, so that what is printed can be loaded. */
function commented(notes: readonly string[]): string {
  return notes.map((note) => `# ${note}\n`).join("");
}
