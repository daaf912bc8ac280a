import { noLayers } from "./layers.ts";
import type { Problem } from "./problem.ts";
import { pluginKeys } from "./schema.ts";
import { readSection } from "./section.ts";
import { type MapNode, readYaml } from "./yaml-tree.ts";

export interface PluginPath {
  readonly path: string;
}

/**
 * First phase: only `plugins`, so that external plugins can be imported before `load` judges everything else by
 * their schemas. Wrong entries are left out here; `load` reports them together with all other problems.
 *
 * @throws ConfigError when the text is no YAML or breaks a limit
 */
export function readPluginPaths(text: string, file: string): readonly PluginPath[] {
  return pluginPathsIn(readYaml(text, file), file).plugins;
}

/** The same from a tree, with problems as values. */
export function pluginPathsIn(
  root: MapNode,
  file: string,
): { plugins: readonly PluginPath[]; problems: readonly Problem[] } {
  const entry = root.entries.get("plugins");
  if (entry === undefined) return { plugins: [], problems: [] };
  if (entry.node.kind !== "list") {
    const message = "expected a list, as in `- path: /etc/aceso/plugins/x.mjs`";
    return { plugins: [], problems: [{ at: entry.keyAt, source: file, path: "plugins", message }] };
  }
  const plugins: PluginPath[] = [];
  const problems: Problem[] = [];
  for (const [index, item] of entry.node.items.entries()) {
    const path = `plugins[${index}]`;
    if (item.kind !== "map") {
      problems.push({ at: item.at, source: file, path, message: "expected a section with path" });
      continue;
    }
    const read = readSection({ schema: pluginKeys, map: item, file, path, layers: noLayers });
    problems.push(...read.problems);
    if (read.problems.length === 0) plugins.push({ path: read.values.path as string });
  }
  return { plugins, problems };
}
