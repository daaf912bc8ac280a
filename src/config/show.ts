import { stringify } from "yaml";
import type { Config } from "./config.ts";

/**
 * The effective configuration without secrets, for `aceso check-config`: every default filled in, other healers' keys
 * translated. What it prints can be loaded again (with `[Sensitive]` where secrets were).
 */
export function showConfig(config: Config, format: "yaml" | "json"): string {
  if (format === "json") return `${JSON.stringify(config.effective, null, 2)}\n`;
  return stringify(config.effective, { aliasDuplicateObjects: false, lineWidth: 0 });
}
