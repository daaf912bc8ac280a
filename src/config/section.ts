import type { ParamMistake, ParamValues } from "../plugin-api/params.ts";
import { nearest } from "../util/nearest.ts";
import { mergeLayers, type Plain } from "./convict-merge.ts";
import { badItems } from "./formats.ts";
import { expectation, formatOf, type KeySchema, type KeySpec, toPlain, wrongShape } from "./keys.ts";
import { type Layers, pathOf, readOverrides } from "./layers.ts";
import type { Position, Problem } from "./problem.ts";
import type { MapNode, TreeNode } from "./yaml-tree.ts";

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
}

/** Reads one flat section: defaults, then the file, then the environment, then flags. Every problem is returned. */
export function readSection(input: SectionInput): SectionValues {
  const problems: Problem[] = unknownKeys(input);
  const plain: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(input.schema)) {
    const entry = input.map?.entries.get(key);
    if (entry === undefined) continue;
    const value = toPlain(spec, entry.node);
    if (value === wrongShape) problems.push(problemOf(input, key, wanted(spec)));
    else plain[key] = value;
  }
  const over = readOverrides(input.schema, input.path, input.layers);
  problems.push(...over.problems);
  const { values, messages } = mergeLayers(input.schema, plain, over.plain);
  for (const [key, message] of messages) {
    const source = over.sources.get(key);
    if (source === undefined) problems.push(...explain(input, key, message, values[key]));
    else problems.push({ ...problemOf(input, key, wanted(input.schema[key])), at: undefined, source });
  }
  const isGiven = (key: string) => (key in plain || over.sources.has(key)) && values[key] !== null;
  for (const [key, spec] of Object.entries(input.schema)) {
    if (spec.required !== true || isGiven(key) || problems.some(({ path }) => path === pathOf(input, key))) continue;
    problems.push(problemOf(input, key, `missing: ${wanted(spec)}`));
  }
  const wrong = (key: string) =>
    problems.some(({ path }) => path === pathOf(input, key) || isInside(path, pathOf(input, key)));
  const right = Object.keys(input.schema).filter((key) => !wrong(key));
  return { ...present(input.schema, right, values), problems };
}

function isInside(path: string, outer: string): boolean {
  return path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function problemOf(input: SectionInput, key: string, message: string): Problem {
  const at = keyAt(input.map, key) ?? input.at ?? input.map?.at;
  return { at, source: input.file, path: pathOf(input, key), message };
}

/** Where a key stands; for `options.ip` the inner one, if it is there. */
function keyAt(map: MapNode | undefined, key: string): Position | undefined {
  const entry = map?.entries.get(key);
  const dot = key.indexOf(".");
  if (entry !== undefined || dot < 0) return entry?.keyAt;
  const outer = map?.entries.get(key.slice(0, dot));
  const inner = outer?.node.kind === "map" ? outer.node.entries.get(key.slice(dot + 1)) : undefined;
  return inner?.keyAt ?? outer?.keyAt;
}

function unknownKeys(input: SectionInput): Problem[] {
  const known = [...Object.keys(input.schema), ...(input.otherKeys ?? [])];
  const unknown = [...(input.map?.entries.keys() ?? [])].filter((key) => !known.includes(key));
  return unknown.map((key) => {
    const hint = nearest(key, known);
    return problemOf(input, key, hint === undefined ? "unknown key" : `unknown key, did you mean ${hint}?`);
  });
}

function wanted(spec: KeySpec | undefined): string {
  return spec === undefined ? "unknown key" : `expected ${expectation(spec)}`;
}

/** One problem for the value, or one for each bad item of it. */
function explain(input: SectionInput, key: string, message: string, value: unknown): Problem[] {
  const spec = input.schema[key];
  const item = spec === undefined ? undefined : formatOf(spec).item;
  if (spec === undefined || item === undefined || !message.startsWith("[")) {
    return [problemOf(input, key, wanted(spec))];
  }
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
    shown[key] = spec.sensitive === true ? masked(value) : format.toText === undefined ? value : format.toText(value);
  }
  return { values, shown };
}

/** Labels keep their names, so that what is printed can be loaded again. */
function masked(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return "[Sensitive]";
  return Object.fromEntries(Object.keys(value).map((name) => [name, "[Sensitive]"]));
}

/** What a plugin finds wrong with parameters that are right one by one, each at its place. */
export function withMistakes(input: SectionInput, read: SectionValues, plugin: Judge | undefined): SectionValues {
  if (read.problems.length > 0 || plugin?.mistakes === undefined) return read;
  return { ...read, problems: plugin.mistakes(read.values).map(({ key, message }) => problemOf(input, key, message)) };
}

interface Judge {
  mistakes?(params: ParamValues): readonly ParamMistake[];
}
