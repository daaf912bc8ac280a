import { formatOf, type KeySchema } from "./keys.ts";
import type { Problem } from "./problem.ts";

/** What overrules the file. Environment by variable name, flags by path (`kubernetes.kubeconfig`). */
export interface Layers {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, string>>;
}
export const noLayers: Layers = { env: {}, flags: {} };

export function pathOf(section: { readonly path: string }, key: string): string {
  return section.path === "" ? key : `${section.path}.${key}`;
}

/** `ACESO_` and the path in capitals, `_` for `-` and `.`. */
export function variableOf(path: string): string {
  return `ACESO_${path.toUpperCase().replace(/[-.]/g, "_")}`;
}

/** Values from environment and flags, parsed but not judged. `sources`: by key, where each came from. */
export interface Overrides {
  readonly plain: Readonly<Record<string, unknown>>;
  readonly sources: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** What environment and flags say about the keys of one section. A flag beats a variable. */
export function readOverrides(schema: KeySchema, section: string, layers: Layers): Overrides {
  const plain: Record<string, unknown> = {};
  const sources = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [key, spec] of Object.entries(schema)) {
    const path = pathOf({ path: section }, key);
    const [flag, variable] = [layers.flags[path], layers.env[variableOf(path)]];
    const text = flag ?? variable;
    if (text === undefined) continue;
    const source = flag === undefined ? `environment ${variableOf(path)}` : `flag --${key}`;
    const { shape, fromText } = formatOf(spec);
    if (shape === "list" || shape === "map") {
      problems.push({ at: undefined, source, path, message: "lists and labels can be set in the file only" });
      continue;
    }
    sources.set(key, source);
    plain[key] = fromText === undefined ? text : fromText(text);
  }
  return { plain, sources, problems };
}
