import convict from "convict";
import { convictName } from "./formats.ts";
import type { KeySchema, KeySpec } from "./keys.ts";

/** Values by key as YAML gives them; maps as lists of pairs. */
export type Plain = Readonly<Record<string, unknown>>;

/** What is wrong, by key. */
export type Messages = readonly (readonly [key: string, message: string])[];

/** Lets convict put the layers together and judge them. Values come back also when some are wrong. */
export function mergeLayers(schema: KeySchema, file: Plain, over: Plain): { values: Plain; messages: Messages } {
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
