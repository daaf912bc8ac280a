import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { invalid } from "./api-error.ts";
import type { Kind } from "./kinds.ts";
import type { Fields, KubeObject } from "./object.ts";

const folder = new URL("../../../manifests/crds/", import.meta.url);
let schemas: ReadonlyMap<string, Fields> | undefined;

/** The project's own CRDs, by plural. Read once: files do not change while tests run. */
function crdSchemas(): ReadonlyMap<string, Fields> {
  schemas ??= new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => parse(readFileSync(new URL(file, folder), "utf8")))
      .map((crd) => [crd.spec.names.plural, crd.spec.versions[0].schema.openAPIV3Schema]),
  );
  return schemas;
}

/**
 * What a structural schema does to a custom resource: unknown fields vanish, then types, limits, enums, patterns and
 * required fields are checked. CEL rules and defaults are not simulated. @throws ApiError 422
 */
export function conform(kind: Kind, object: KubeObject): KubeObject {
  const schema = crdSchemas().get(kind.plural);
  if (schema === undefined) return object;
  const { apiVersion, kind: name, metadata, ...rest } = object;
  const pruned = prune(schema, rest) as Fields;
  const problem = findProblem(schema, pruned, "");
  if (problem !== undefined) throw invalid(kind, metadata.name, problem.field, problem.text);
  return { apiVersion, kind: name, metadata, ...pruned };
}

function prune(schema: Fields, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => prune(schema.items ?? {}, item));
  if (typeof value !== "object" || value === null) return value;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const kept: Fields = {};
  for (const [key, inner] of Object.entries(value)) {
    const known = schema.properties?.[key] ?? schema.additionalProperties;
    if (known !== undefined) kept[key] = prune(known, inner);
    else if (keepsUnknown) kept[key] = inner;
  }
  return kept;
}

interface Problem {
  readonly field: string;
  readonly text: string;
}

function findProblem(schema: Fields, value: unknown, field: string): Problem | undefined {
  const text = problemOf(schema, value);
  if (text !== undefined) return { field, text };
  if (Array.isArray(value)) {
    return first(value.map((item, at) => () => findProblem(schema.items ?? {}, item, `${field}[${at}]`)));
  }
  if (typeof value !== "object" || value === null) return undefined;
  const missing = (schema.required ?? []).find((key: string) => (value as Fields)[key] === undefined);
  if (missing !== undefined) return { field: join(field, missing), text: "Required value" };
  const known = Object.entries(value).filter(([key]) => schema.properties?.[key] !== undefined);
  return first(
    known.map(
      ([key, inner]) =>
        () =>
          findProblem(schema.properties[key], inner, join(field, key)),
    ),
  );
}

function first(looks: readonly (() => Problem | undefined)[]): Problem | undefined {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) return found;
  }
  return undefined;
}

const join = (field: string, key: string) => (field === "" ? key : `${field}.${key}`);

function problemOf(schema: Fields, value: unknown): string | undefined {
  const got = JSON.stringify(value);
  if (schema.type !== undefined && !isOfType(schema.type, value))
    return `Invalid value: ${got}: must be of type ${schema.type}`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return `Unsupported value: ${got}: supported values: ${schema.enum.map((one: unknown) => JSON.stringify(one)).join(", ")}`;
  }
  if (typeof value === "string") return textProblem(schema, value);
  if (typeof value === "number" && value < (schema.minimum ?? Number.NEGATIVE_INFINITY)) {
    return `Invalid value: ${got}: should be greater than or equal to ${schema.minimum}`;
  }
  if (Array.isArray(value) && value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
    return `Too many: ${value.length}: must have at most ${schema.maxItems} items`;
  }
  return undefined;
}

const dateTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function textProblem(schema: Fields, value: string): string | undefined {
  const got = JSON.stringify(value);
  if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
    return `Too long: may not be more than ${schema.maxLength} bytes`;
  if (value.length < (schema.minLength ?? 0))
    return `Invalid value: ${got}: should be at least ${schema.minLength} chars long`;
  if (schema.format === "date-time" && !dateTime.test(value)) return `Invalid value: ${got}: must be of type date-time`;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
    return `Invalid value: ${got}: should match '${schema.pattern}'`;
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
