import { stringify } from "yaml";
import { jsonText, type Output } from "./output.ts";

/** Formats for programs. */
type Structured = Extract<Output, "json" | "yaml">;

export function isStructured(output: Output): output is Structured {
  return output === "json" || output === "yaml";
}

/** One document, with a newline at its end. */
export function structuredText(output: Structured, value: unknown): string {
  return output === "json" ? jsonText(value) : stringify(value, { lineWidth: 0 });
}
