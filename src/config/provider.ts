import type { ParamValues } from "../plugin-api/params.ts";
import type { ProviderPlugin } from "../plugin-api/provider.ts";
import { nearest } from "../util/nearest.ts";
import { credentialWarnings } from "./credentials.ts";
import { type Layers, pathOf, variableOf } from "./layers.ts";
import { type Problem, problemText } from "./problem.ts";
import { readSection, type SectionValues, withMistakes } from "./section.ts";
import { mapFromPlain } from "./tree-edit.ts";
import type { MapNode } from "./yaml-tree.ts";

export interface ProviderInput {
  readonly root: MapNode;
  readonly plugins: ReadonlyMap<string, ProviderPlugin>;
  readonly file: string;
  readonly layers: Layers;
  /** `cloud-provider`, if given. */
  readonly wanted: string | undefined;
  readonly isDryRun: boolean;
}

export interface ProviderRead {
  readonly provider: { readonly id: string; readonly params: ParamValues } | undefined;
  readonly shown: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Chooses the provider, by name or by the sections that are there, and reads all of their sections. */
export function readProvider(input: ProviderInput): ProviderRead {
  const present = [...input.plugins.values()].filter((plugin) => isPresent(input, plugin)).map((plugin) => plugin.id);
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const sections = new Map<string, SectionValues>();
  for (const id of present) {
    const { section, warnings: inline } = readProviderSection(input, id);
    sections.set(id, section);
    problems.push(...section.problems);
    warnings.push(...inline);
  }
  const id = input.wanted ?? inferred(present);
  const isKnown = id === "none" || input.plugins.has(id);
  if (!isKnown) problems.push(wantedProblem(input, unknownProvider(id, input.plugins)));
  else if (id !== "none" && !sections.has(id)) problems.push(wantedProblem(input, `${id} needs section ${id}`));
  for (const unused of present.filter((other) => other !== id)) {
    const at = input.root.entries.get(unused)?.keyAt;
    const message = `has no effect: the provider is ${isKnown ? id : "another"}`;
    warnings.push(problemText({ at, source: input.file, path: unused, message }));
  }
  const chosen = sections.get(id);
  if (problems.length > 0 || chosen === undefined) return { provider: undefined, shown: {}, problems, warnings };
  return { provider: { id, params: chosen.values }, shown: { [id]: chosen.shown }, problems, warnings };
}

function isPresent({ root, layers }: ProviderInput, { id, params }: ProviderPlugin): boolean {
  if (root.entries.has(id)) return true;
  return Object.keys(params).some((key) => {
    const path = pathOf({ path: id }, key);
    return layers.flags[path] !== undefined || layers.env[variableOf(path)] !== undefined;
  });
}

/** Two sections: the order of magnum-auto-healer's successors, `openstack` first. */
function inferred(present: readonly string[]): string {
  return ["openstack", "libvirt", ...present].find((id) => present.includes(id)) ?? "none";
}

function readProviderSection(input: ProviderInput, id: string): { section: SectionValues; warnings: string[] } {
  const entry = input.root.entries.get(id);
  if (entry !== undefined && entry.node.kind !== "map") {
    const message = "expected a section, keys with values";
    const problem = { at: entry.keyAt, source: input.file, path: id, message };
    return { section: { values: {}, shown: {}, problems: [problem] }, warnings: [] };
  }
  const plugin = input.plugins.get(id);
  const schema = plugin?.params ?? {};
  const map = entry?.node.kind === "map" ? entry.node : mapFromPlain({});
  const section = { schema, map, file: input.file, path: id, layers: input.layers, at: entry?.keyAt };
  const { isDryRun } = input;
  const judge = { mistakes: (params: ParamValues) => plugin?.mistakes?.(params, { isDryRun }) ?? [] };
  return {
    section: withMistakes(section, readSection(section), judge),
    warnings: credentialWarnings(section),
  };
}

function wantedProblem({ root, file, layers }: ProviderInput, message: string): Problem {
  const path = "cloud-provider";
  const variable = variableOf(path);
  if (layers.flags[path] !== undefined) return { at: undefined, source: `flag --${path}`, path, message };
  if (layers.env[variable] !== undefined) return { at: undefined, source: `environment ${variable}`, path, message };
  return { at: root.entries.get(path)?.keyAt, source: file, path, message };
}

function unknownProvider(wanted: string, plugins: ReadonlyMap<string, unknown>): string {
  const known = ["none", ...[...plugins.keys()].sort()];
  const hint = nearest(wanted, known);
  return `expected one of ${known.join(", ")}${hint === undefined ? "" : `; did you mean ${hint}?`}`;
}
