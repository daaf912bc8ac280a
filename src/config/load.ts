import type { Role } from "../core/model.ts";
import { buildConfig, deepFreeze } from "./build.ts";
import { readChecks } from "./checks.ts";
import { translate } from "./compat.ts";
import { asklepiosKeys } from "./compat-asklepios.ts";
import { isMagnumFile } from "./compat-magnum.ts";
import type { Config, Registry } from "./config.ts";
import { type Layers, noLayers } from "./layers.ts";
import { pluginPathsIn } from "./plugin-paths.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { readProvider } from "./provider.ts";
import { brokenRules, cautions, type Sections } from "./rules.ts";
import { listKeys, reservedNames, rootKeys, type SectionName, sectionNames, sections } from "./schema.ts";
import { readSection, type SectionValues } from "./section.ts";
import { strayVariables } from "./stray-variables.ts";
import { type MapNode, readYaml } from "./yaml-tree.ts";

export interface LoadOptions {
  /** Name of the file for messages. */
  readonly file: string;
  readonly registry: Registry;
  /** Environment and flags; nothing is read from the process itself. */
  readonly layers?: Layers;
}

/**
 * Reads and validates the whole configuration. Pure: opens no file, neither its own nor those named inside.
 *
 * @throws ConfigError with every problem at once, each as `file:line:column path: expected …`
 */
export function load(text: string, { file, registry, layers = noLayers }: LoadOptions): Config {
  const written = readYaml(text, file);
  const { map, problems: foreign, warnings } = translate(written, file);
  const problems = [...foreign];
  const root = readRoot(map, file, registry, layers);
  const read = readSections(map, file, layers);
  const values = Object.fromEntries(Object.entries(read).map(([name, section]) => [name, section.values])) as Sections;
  for (const section of [root, ...Object.values(read)]) problems.push(...section.problems);

  const plugins = pluginPathsIn(map, file);
  const provider = readProvider({
    root: map,
    plugins: registry.providers,
    file,
    layers,
    wanted: wantedProvider(root),
    // one that is no truth value is reported by itself
    isDryRun: root.values["dry-run"] !== false,
  });
  const monitorIntervalMs = (root.values["monitor-interval"] as number | undefined) ?? 0;
  const healthcheck = sectionMap(map, "healthcheck", file);
  const isMonitored = (role: Role) => root.values[`${role}-monitor-enabled`] === true;
  const types = registry.checks;
  // A provider with mistakes is one; they are reported by themselves.
  const hasProvider = provider.provider !== undefined || provider.problems.length > 0;
  const input = { healthcheck: healthcheck.map, types, file, monitorIntervalMs, isMonitored, hasProvider };
  const checks = readChecks(input);
  problems.push(...plugins.problems, ...provider.problems, ...healthcheck.problems, ...checks.problems);
  problems.push(...brokenRules(values, map, file), ...shadowingProviders(registry));
  if (problems.length > 0) throw new ConfigError(problems);

  const cautioned = [...cautions(root.values, values, hasProvider), ...strayVariables(layers.env, registry)];
  const config = buildConfig(root.values, values, {
    checks: checks.checks,
    provider: provider.provider,
    plugins: plugins.plugins,
    isMagnumFile: isMagnumFile(written),
    warnings: [...warnings, ...checks.warnings, ...provider.warnings, ...cautioned],
    effective: {
      ...root.shown,
      "cloud-provider": provider.provider?.id ?? "none",
      ...shownSections(read),
      healthcheck: checks.shown,
      ...(plugins.plugins.length > 0 ? { plugins: plugins.plugins } : {}),
      ...provider.shown,
    },
  });
  return deepFreeze(config);
}

function readRoot(map: MapNode, file: string, registry: Registry, layers: Layers): SectionValues {
  const otherKeys = [...sectionNames, ...listKeys, ...registry.providers.keys(), ...asklepiosKeys];
  return readSection({ schema: rootKeys, map, file, path: "", layers, otherKeys });
}

function shadowingProviders(registry: Registry): Problem[] {
  const names = [...registry.providers.keys()].filter((id) => reservedNames.has(id) || asklepiosKeys.includes(id));
  const message = "a provider plugin has the name of a configuration key";
  return names.map((path) => ({ at: undefined, source: "plugins", path, message }));
}

function wantedProvider(root: SectionValues): string | undefined {
  return root.values["cloud-provider"] as string | undefined;
}

function readSections(map: MapNode, file: string, layers: Layers): Record<SectionName, SectionValues> {
  const read = sectionNames.map((name) => {
    const found = sectionMap(map, name, file);
    const section = readSection({ schema: sections[name], map: found.map, file, path: name, layers });
    return [name, { ...section, problems: [...found.problems, ...section.problems] }];
  });
  return Object.fromEntries(read) as Record<SectionName, SectionValues>;
}

function sectionMap(root: MapNode, name: string, file: string): { map: MapNode | undefined; problems: Problem[] } {
  const entry = root.entries.get(name);
  if (entry === undefined || entry.node.kind === "map")
    return { map: entry?.node as MapNode | undefined, problems: [] };
  const message = "expected a section, keys with values";
  return { map: undefined, problems: [{ at: entry.keyAt, source: file, path: name, message }] };
}

function shownSections(read: Record<SectionName, SectionValues>): Record<string, unknown> {
  const shown = sectionNames.map((name) => [name, read[name].shown] as const);
  return Object.fromEntries(shown.filter(([, values]) => Object.keys(values).length > 0));
}
