import type { ParamSchema, ParamSpec } from "../../src/plugin-api/index.ts";

/** The table of a plugin's parameters as its README.md shows it (but for the width of columns), printed from the schema. */
export function paramsTable(schema: ParamSchema): string {
  const rows = Object.entries(schema).map(
    ([name, spec]) => `| \`${name}\` | ${toDefault(spec)} | ${toMeaning(spec)} |`,
  );
  return ["| parameter | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function toDefault(spec: ParamSpec): string {
  if (spec.required === true) return "required";
  if (spec.default === null) return "–";
  return typeof spec.default === "string" ? `\`${spec.default}\`` : `\`${JSON.stringify(spec.default)}\``;
}

function toMeaning(spec: ParamSpec): string {
  const kind = typeof spec.format === "string" ? spec.format : spec.format.join(" or ");
  return `${spec.doc} (${kind}${spec.sensitive === true ? ", secret" : ""})`;
}
