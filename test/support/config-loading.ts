import { loadPlugins } from "../../src/app/plugin-loading.ts";
import type { Config } from "../../src/config/config.ts";
import type { Layers } from "../../src/config/layers.ts";
import { load } from "../../src/config/load.ts";
import { ConfigError, problemText } from "../../src/config/problem.ts";

/** All plugins of the project, as the program itself has them. */
export const registry = await loadPlugins();

/** Loads a configuration text under the name config.yaml. @throws ConfigError */
export function loadText(text: string, layers?: Partial<Layers>): Config {
  return load(text, { file: "config.yaml", registry, layers: { env: {}, flags: {}, ...layers } });
}

/** The lines with which a text is refused; empty when it is accepted. */
export function problemsOf(text: string, layers?: Partial<Layers>): string[] {
  try {
    loadText(text, layers);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemText);
    throw error;
  }
}
