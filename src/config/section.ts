import convict from "convict";
import type { ParamSpec } from "../plugin-api/params.ts";
import { nearest } from "../util/nearest.ts";
import { badItems, type ConfigFormat, convictName, type Format, formats } from "./formats.ts";
import type { Position, Problem } from "./problem.ts";
import type { MapNode, TreeNode } from "./yaml-tree.ts";

/** A key of the configuration: what plugins may declare, with a few formats more. */
export interface KeySpec extends Omit<ParamSpec, "format"> {
  readonly format: ConfigFormat | readonly string[];
}
export type KeySchema = Readonly<Record<string, KeySpec>>;

/** What overrules the file. Environment by variable name, flags by path (`kubernetes.kubeconfig`). */
export interface Layers {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, string>>;
}
export const noLayers: Layers = { env: {}, flags: {} };

export interface SectionInput {
  readonly schema: KeySchema;
  /** Undefined: the section is not in the file. */
  readonly map: MapNode | undefined;
  readonly file: string;
  /** Path of the section; empty for the top level. */
  readonly path: string;
  readonly layers: Layers;
  /** Keys that stand beside those of the schema and are read elsewhere. */
  readonly otherKeys?: readonly string[];
  /** Where a missing required key is reported; the section's own place if absent. */
  readonly at?: Position | undefined;
}

export interface SectionValues {
  /** By key, as the program uses them; keys with a problem are missing. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The same as a person would write them, secrets masked, absent ones left out. */
  readonly shown: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  /** Keys that were set anywhere but by their default. */
  readonly given: ReadonlySet<string>;
}

type Plain = Readonly<Record<string, unknown>>;

/** Reads one flat section: defaults, then the file, then the environment, then flags. Every problem is returned. */
export function readSection(input: SectionInput): SectionValues {
  const problems: Problem[] = unknownKeys(input);
  const plain: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(input.schema)) {
    const entry = input.map?.entries.get(key);
    if (entry === undefined) continue;
    const value = toPlain(spec, entry.node);
    if (value === wrongShape) problems.push(problemOf(input, key, `expected ${expectation(spec)}`));
    else plain[key] = value;
  }
  const over = overrides(input);
  problems.push(...over.problems);
  const { values, messages } = validate(input.schema, plain, over.plain);
  for (const [key, message] of messages)
    problems.push(...explain(input, key, message, values[key], over.sources.get(key)));
  const given = new Set([...Object.keys(plain), ...over.sources.keys()]);
  for (const [key, spec] of Object.entries(input.schema)) {
    const isMissing = spec.required === true && (!given.has(key) || values[key] === null);
    if (isMissing && !problems.some((problem) => problem.path === pathOf(input, key))) {
      problems.push(problemOf(input, key, `missing: expected ${expectation(spec)}`));
    }
  }
  const wrong = (key: string) =>
    problems.some(({ path }) => path === pathOf(input, key) || isInside(path, pathOf(input, key)));
  const right = Object.keys(input.schema).filter((key) => !wrong(key));
  return { ...present(input.schema, right, values), problems, given };
}

function isInside(path: string, outer: string): boolean {
  return path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

export function pathOf(section: { readonly path: string }, key: string): string {
  return section.path === "" ? key : `${section.path}.${key}`;
}

/** `ACESO_` and the path in capitals, `_` for `-` and `.`. */
export function variableOf(path: string): string {
  return `ACESO_${path.toUpperCase().replace(/[-.]/g, "_")}`;
}

function problemOf(input: SectionInput, key: string, message: string): Problem {
  const at = input.map?.entries.get(key)?.keyAt ?? input.at ?? input.map?.at;
  return { at, source: input.file, path: pathOf(input, key), message };
}

function unknownKeys(input: SectionInput): Problem[] {
  const known = [...Object.keys(input.schema), ...(input.otherKeys ?? [])];
  const unknown = [...(input.map?.entries.keys() ?? [])].filter((key) => !known.includes(key));
  return unknown.map((key) => {
    const hint = nearest(key, known);
    return problemOf(input, key, hint === undefined ? "unknown key" : `unknown key, did you mean ${hint}?`);
  });
}

const wrongShape = Symbol("wrong shape");

function formatOf(spec: KeySpec): Format {
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
function toPlain(spec: KeySpec, node: TreeNode): unknown {
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

function overrides(input: SectionInput): { plain: Plain; sources: Map<string, string>; problems: Problem[] } {
  const plain: Record<string, unknown> = {};
  const sources = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [key, spec] of Object.entries(input.schema)) {
    const path = pathOf(input, key);
    const [flag, variable] = [input.layers.flags[path], input.layers.env[variableOf(path)]];
    const text = flag ?? variable;
    if (text === undefined) continue;
    const source = flag === undefined ? `environment ${variableOf(path)}` : `flag for ${path}`;
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

type Messages = readonly (readonly [key: string, message: string])[];

/** Lets convict put the layers together and judge them. Values come back also when some are wrong. */
function validate(schema: KeySchema, file: Plain, over: Plain): { values: Plain; messages: Messages } {
  const definition = Object.fromEntries(Object.entries(schema).map(([key, spec]) => [key, convictKey(key, spec)]));
  // convict's types know neither computed schemas nor environment values that are parsed already.
  const options = { env: over as NodeJS.ProcessEnv, args: [] };
  const config = convict(definition as convict.Schema<Plain>, options);
  config.load(file);
  const values = config.getProperties();
  try {
    config.validate({ allowed: "strict" });
    return { values, messages: [] };
  } catch (error) {
    return { values, messages: (error as Error).message.split("\n").map(readMessage) };
  }
}

function convictKey(key: string, spec: KeySpec): object {
  const format = typeof spec.format === "string" ? convictName(spec.format) : [...spec.format];
  const { default: value, doc } = spec;
  const isLabels = value !== null && typeof value === "object" && !Array.isArray(value);
  const initial = isLabels ? Object.entries(value) : value;
  return { doc, format, default: initial, nullable: value === null, sensitive: spec.sensitive === true, env: key };
}

/**
 * Takes a line of convict's report apart: `key: message: value was "…"`. The value is dropped, it may be a secret.
 *
 * @throws Error when convict says something else: then this program misused it
 */
export function readMessage(line: string): readonly [key: string, message: string] {
  const match = /^([A-Za-z0-9_-]+): (.*?)(?:: value was .*)?$/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) throw new Error("convict reported in an unknown form");
  return [match[1], match[2]];
}

function explain(
  input: SectionInput,
  key: string,
  message: string,
  value: unknown,
  source: string | undefined,
): Problem[] {
  const spec = input.schema[key];
  if (spec === undefined) return [problemOf(input, key, message)];
  if (source !== undefined) {
    return [{ at: undefined, source, path: pathOf(input, key), message: `expected ${expectation(spec)}` }];
  }
  const { item } = formatOf(spec);
  if (item === undefined || !message.startsWith("[")) return [problemOf(input, key, `expected ${expectation(spec)}`)];
  const entry = input.map?.entries.get(key);
  return badItems(formatOf(spec), value).map((index) => {
    const { at, suffix } = itemPlace(entry?.node, index);
    const path = `${pathOf(input, key)}${suffix}`;
    return { at: at ?? entry?.keyAt, source: input.file, path, message: `expected ${item.expects}` };
  });
}

function itemPlace(node: TreeNode | undefined, index: number): { at: Position | undefined; suffix: string } {
  if (node?.kind === "map") {
    const [key, entry] = [...node.entries][index] ?? ["", undefined];
    return { at: entry?.keyAt, suffix: `.${key}` };
  }
  return { at: node?.kind === "list" ? node.items[index]?.at : undefined, suffix: `[${index}]` };
}

function present(schema: KeySchema, keys: readonly string[], plain: Plain): Pick<SectionValues, "values" | "shown"> {
  const values: Record<string, unknown> = {};
  const shown: Record<string, unknown> = {};
  for (const key of keys) {
    const spec = schema[key] as KeySpec;
    const format = formatOf(spec);
    const raw = plain[key];
    if (raw === null || raw === undefined) {
      values[key] = undefined;
      continue;
    }
    const value = format.toValue === undefined ? raw : format.toValue(raw);
    values[key] = value;
    shown[key] = spec.sensitive === true ? "[Sensitive]" : format.toText === undefined ? value : format.toText(value);
  }
  return { values, shown };
}
