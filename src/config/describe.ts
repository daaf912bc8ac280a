import { checkSchema } from "./checks.ts";
import type { Registry } from "./config.ts";
import { type KeySchema, type KeySpec, typeTitle } from "./keys.ts";
import { pluginKeys, rootKeys, runnerKeys, sectionNames, sections } from "./schema.ts";

/** Option tables of the whole file in Markdown, from the schemas, so that documents cannot lag behind. */
export function describeConfig(registry: Registry): string {
  const fixed = sectionNames.map((name) => part(`\`${name}\``, "", sections[name]));
  const checks = [...registry.checks.values()].map((plugin) => {
    const own = Object.entries(checkSchema(plugin)).filter(([key]) => !(key in runnerKeys));
    return part(`Check \`${plugin.id}\``, plugin.summary, Object.fromEntries(own));
  });
  const providers = [...registry.providers.values()].map((plugin) =>
    part(`\`${plugin.id}\``, plugin.summary, plugin.params),
  );
  return [
    part("Top level", "", rootKeys),
    ...fixed,
    part("`plugins`, each entry", "", pluginKeys),
    part("`params` of every check", "", runnerKeys),
    ...checks,
    ...providers,
  ].join("\n");
}

function part(title: string, summary: string, schema: KeySchema): string {
  return [`### ${title}`, "", ...(summary === "" ? [] : [summary, ""]), describeKeys(schema), ""].join("\n");
}

/** One table: key, type, default, meaning. Also for a plugin's own page. */
export function describeKeys(schema: KeySchema): string {
  const keys = Object.entries(schema);
  if (keys.length === 0) return "No parameters.";
  const rows = keys.map(
    ([key, spec]) => `| \`${key}\` | ${cell(typeTitle(spec))} | ${defaultText(spec)} | ${cell(spec.doc)} |`,
  );
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function defaultText({ default: value, required }: KeySpec): string {
  if (required === true) return "required";
  if (value === null || value === "") return "–";
  return typeof value === "string" ? `\`${cell(value)}\`` : `\`${cell(JSON.stringify(value))}\``;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
