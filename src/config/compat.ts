import { translateAsklepios } from "./compat-asklepios.ts";
import { translateMagnum } from "./compat-magnum.ts";
import type { Problem } from "./problem.ts";
import type { MapNode } from "./yaml-tree.ts";

export interface Translation {
  readonly map: MapNode;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Rewrites what other healers' files say into Aceso's own keys, each at its place in the file. */
export function translate(map: MapNode, file: string): Translation {
  const asklepios = translateAsklepios(map, file);
  const magnum = translateMagnum(asklepios.map, file);
  return { map: magnum.map, problems: asklepios.problems, warnings: magnum.warnings };
}
