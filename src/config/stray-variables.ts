import { nearest } from "../util/nearest.ts";
import type { Registry } from "./config.ts";
import { variableOf } from "./layers.ts";
import { rootKeys, sections } from "./schema.ts";

const prefix = "ACESO_";

/**
 * Warns of variables that look like a mistyped key. Others that begin with `ACESO_` are left alone: Kubernetes makes
 * such variables for every Service called aceso.
 */
export function strayVariables(env: Readonly<Record<string, string | undefined>>, registry: Registry): string[] {
  const providers = [...registry.providers].map(([id, plugin]) => [id, plugin.params] as const);
  const inSections = [...Object.entries(sections), ...providers].flatMap(([name, schema]) =>
    Object.keys(schema).map((key) => variableOf(`${name}.${key}`)),
  );
  const known = new Set([...Object.keys(rootKeys).map(variableOf), ...inSections]);
  const stray = Object.keys(env).filter((name) => name.startsWith(prefix) && !known.has(name));
  const tails = [...known].map((name) => name.slice(prefix.length));
  return stray.sort().flatMap((name) => {
    const hint = nearest(name.slice(prefix.length), tails);
    return hint === undefined ? [] : [`environment ${name}: sets nothing, did you mean ${prefix}${hint}?`];
  });
}
