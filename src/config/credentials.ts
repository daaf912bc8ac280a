import { pathOf } from "./layers.ts";
import { problemText } from "./problem.ts";
import type { SectionInput } from "./section.ts";

/** One warning for each secret that stands in the file itself. Empty ones are none. */
export function credentialWarnings(section: SectionInput): string[] {
  return Object.entries(section.schema).flatMap(([key, spec]) => {
    const entry = section.map?.entries.get(key);
    const isGiven = entry?.node.kind === "scalar" && entry.node.value !== null && entry.node.value !== "";
    if (spec.sensitive !== true || !isGiven) return [];
    const remedy = `${key}-file` in section.schema ? `; ${key}-file keeps it in a mounted Secret` : "";
    const message = `a credential in plain text, readable for all who may read this file${remedy}`;
    return [problemText({ at: entry.keyAt, source: section.file, path: pathOf(section, key), message })];
  });
}
