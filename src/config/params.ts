import type { ParamSchema, ParamValues } from "../plugin-api/params.ts";
import { noLayers } from "./layers.ts";
import { readSection } from "./section.ts";
import { mapFromPlain } from "./tree-edit.ts";

/** One parameter that a plugin cannot be given. `path` begins with the parameter's name. */
export interface ParamProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Validates a plugin's parameters that do not come from a file (tests, tools). `load` does the same with positions.
 *
 * @param raw as in YAML: kebab-case keys, durations as text
 * @returns values by name with defaults filled in, durations in milliseconds; complete only without problems
 */
export function validateParams(
  schema: ParamSchema,
  raw: object,
): { values: ParamValues; problems: readonly ParamProblem[] } {
  const section = readSection({ schema, map: mapFromPlain(raw), file: "params", path: "", layers: noLayers });
  return { values: section.values, problems: section.problems.map(({ path, message }) => ({ path, message })) };
}
