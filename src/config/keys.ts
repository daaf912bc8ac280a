import type { ParamSpec } from "../plugin-api/params.ts";
import { type ConfigFormat, type Format, formats } from "./formats.ts";
import type { TreeNode } from "./yaml-tree.ts";

/** A key of the configuration: what plugins may declare, with a few formats more. */
export interface KeySpec extends Omit<ParamSpec, "format"> {
  readonly format: ConfigFormat | readonly string[];
}
export type KeySchema = Readonly<Record<string, KeySpec>>;

/** The value is a list where text belongs, or the like. */
export const wrongShape = Symbol("wrong shape");

export function formatOf(spec: KeySpec): Format {
  return typeof spec.format === "string" ? formats[spec.format] : enumFormat(spec.format);
}

function enumFormat(options: readonly string[]): Format {
  const expects = `one of ${options.join(", ")}`;
  return { expects, title: expects, shape: "scalar", isValid: (plain) => options.some((option) => option === plain) };
}

/** Completes "expected …". */
export function expectation(spec: KeySpec): string {
  return formatOf(spec).expects;
}

/** What the option tables print as type. */
export function typeTitle(spec: KeySpec): string {
  return formatOf(spec).title;
}

/** convict takes maps apart and stumbles over dots in their keys, so they reach it as lists of pairs. */
export function toPlain(spec: KeySpec, node: TreeNode): unknown {
  const { shape } = formatOf(spec);
  const isText = typeof spec.format !== "string" || ["string", "strings", "path", "labels"].includes(spec.format);
  if (node.kind === "map") {
    if (shape !== "map") return wrongShape;
    return [...node.entries].map(([key, entry]) => [key, scalarValue(entry.node, isText)]);
  }
  if (node.kind === "list") {
    if (shape !== "list" && shape !== "scalar-or-list") return wrongShape;
    return node.items.map((item) => scalarValue(item, isText));
  }
  const isAbsent = node.value === null || (node.value === "" && spec.format === "path");
  if (isAbsent && spec.default === null && spec.required !== true) return null;
  return shape === "scalar" || shape === "scalar-or-list" ? scalarValue(node, isText) : wrongShape;
}

/** Where text is expected a number counts as what was written: a password of digits, an id such as 0123. */
function scalarValue(node: TreeNode, isText: boolean): unknown {
  if (node.kind !== "scalar") return {};
  return isText && typeof node.value === "number" ? node.source : node.value;
}
