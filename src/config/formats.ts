import convict from "convict";
import { rungs } from "../core/model.ts";
import type { ParamFormat } from "../plugin-api/params.ts";
import { formatDuration, maxDurationMs, parseDuration } from "../util/duration.ts";
import { formatPercent, parsePercent } from "../util/percent.ts";

/** Formats of the program's own keys, beside those that plugins may use. */
export type ConfigFormat = ParamFormat | "period" | "limit" | "count" | "address" | "hosts" | "rungs";

/** What a format does with one value. "Plain" values are what YAML gives, maps as arrays of `[key, value]`. */
export interface Format {
  /** Completes "expected …". */
  readonly expects: string;
  /** Name for the option tables. */
  readonly title: string;
  readonly shape: "scalar" | "list" | "map" | "scalar-or-list";
  isValid(plain: unknown): boolean;
  /** Lists and maps only: whether one item is right, so that each bad one gets its own message. */
  readonly item?: { readonly expects: string; isValid(plain: unknown): boolean };
  /** From plain to what the program uses (milliseconds, objects). Only called with valid values. */
  toValue?(plain: unknown): unknown;
  /** From the program's value back to what a person writes. */
  toText?(value: unknown): unknown;
  /** From an environment variable's text; what it cannot read it returns unchanged, for `isValid` to refuse. */
  fromText?(text: string): unknown;
}

const isText = (plain: unknown) => typeof plain === "string";
const isWord = (plain: unknown) => typeof plain === "string" && plain !== "";
const isInteger = (plain: unknown) => Number.isSafeInteger(plain);
const integerFromText = (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);
const distinct = (list: readonly unknown[]) => new Set(list).size === list.length;

function durationMs(plain: unknown): number | undefined {
  return typeof plain === "string" ? parseDuration(plain) : undefined;
}

function isHttpUrl(plain: unknown): boolean {
  const url = typeof plain === "string" ? URL.parse(plain) : null;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  return isHttp && url.username === "" && url.password === "";
}

/** `host:port`, `[::1]:port` or `:port`; undefined when it is none. */
function addressOf(plain: unknown): { host: string; port: number } | undefined {
  const match = typeof plain === "string" ? /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]/]*)):(\d{1,5})$/.exec(plain) : null;
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] === "" ? "0.0.0.0" : (match[2] ?? "")), port };
}

const listOf = (expects: string, item: string, title: string, isValid: (plain: unknown) => boolean): Format => ({
  expects,
  title,
  shape: "list",
  isValid: Array.isArray,
  item: { expects: item, isValid },
});

const duration: Format = {
  expects: "a duration such as 30s or 5m",
  title: "duration",
  shape: "scalar",
  isValid: (plain) => {
    const ms = durationMs(plain);
    return ms !== undefined && ms >= 0 && ms <= maxDurationMs;
  },
  toValue: durationMs,
  toText: (value) => formatDuration(value as number),
};

export const formats: Readonly<Record<ConfigFormat, Format>> = {
  duration,
  period: {
    ...duration,
    expects: "a duration such as 30s or 5m, longer than 0",
    isValid: (plain) => (durationMs(plain) ?? 0) > 0,
  },
  flag: {
    expects: "true or false",
    title: "true or false",
    shape: "scalar",
    isValid: (plain) => typeof plain === "boolean",
    fromText: (text) => (text === "true" ? true : text === "false" ? false : text),
  },
  string: { expects: "text (true and false in quotes)", title: "text", shape: "scalar", isValid: isText },
  path: { expects: "a file name", title: "file", shape: "scalar", isValid: isWord },
  url: {
    expects: "an http or https address without user and password",
    title: "URL",
    shape: "scalar",
    isValid: isHttpUrl,
  },
  int: { expects: "a whole number", title: "number", shape: "scalar", isValid: isInteger, fromText: integerFromText },
  count: {
    expects: "a whole number of at least 1",
    title: "number",
    shape: "scalar",
    isValid: (plain) => isInteger(plain) && (plain as number) >= 1,
    fromText: integerFromText,
  },
  port: {
    expects: "a port from 1 to 65535",
    title: "port",
    shape: "scalar",
    isValid: (plain) => isInteger(plain) && (plain as number) >= 1 && (plain as number) <= 65_535,
    fromText: integerFromText,
  },
  strings: listOf("a list of texts", "text (true and false in quotes)", "list of texts", isText),
  ints: listOf("a list of whole numbers", "a whole number", "list of numbers", isInteger),
  rungs: {
    ...listOf("a list of different rungs, at least one", `one of ${rungs.join(", ")}`, "list of rungs", (plain) =>
      rungs.some((rung) => rung === plain),
    ),
    isValid: (plain) => Array.isArray(plain) && plain.length > 0 && distinct(plain),
  },
  labels: {
    expects: "labels, as in `topology: east`",
    title: "labels",
    shape: "map",
    isValid: Array.isArray,
    item: { expects: "text (true and false in quotes)", isValid: (plain) => Array.isArray(plain) && isText(plain[1]) },
    toValue: (plain) => Object.fromEntries(plain as [string, string][]),
  },
  limit: {
    expects: "a share such as 40% or a count of at least 1",
    title: "share or number",
    shape: "scalar",
    isValid: (plain) =>
      typeof plain === "string" ? parsePercent(plain) !== undefined : isInteger(plain) && (plain as number) >= 1,
    toValue: (plain) => (typeof plain === "string" ? { ratio: parsePercent(plain) } : { count: plain }),
    toText: (value) => {
      const limit = value as { ratio?: number; count?: number };
      return limit.ratio === undefined ? limit.count : formatPercent(limit.ratio);
    },
    fromText: integerFromText,
  },
  address: {
    expects: "an address such as 127.0.0.1:8081, or off",
    title: "address or off",
    shape: "scalar",
    isValid: (plain) => plain === "off" || addressOf(plain) !== undefined,
    toValue: (plain) => (plain === "off" ? "off" : addressOf(plain)),
    toText: (value) => {
      if (value === "off") return value;
      const { host, port } = value as { host: string; port: number };
      return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    },
  },
  hosts: {
    expects: "an http or https address, or a list of them",
    title: "URL or list of URLs",
    shape: "scalar-or-list",
    isValid: (plain) => Array.isArray(plain) || plain === "" || isHttpUrl(plain),
    item: { expects: "an http or https address", isValid: isHttpUrl },
    toValue: (plain) => (Array.isArray(plain) ? plain : plain === "" ? [] : [plain]),
  },
};

/** The name under which convict knows one of ours. Its own `int` and `port` turn "3x" into 3 without a word. */
export const convictName = (format: ConfigFormat) => `aceso:${format}`;

for (const [name, format] of Object.entries(formats) as [ConfigFormat, Format][]) {
  convict.addFormat({ name: convictName(name), validate: (plain: unknown) => assertFormat(format, plain) });
}

/** @throws Error `expected …`, or for a bad item `[3] expected …` (the first bad one; see `badItems` for all) */
function assertFormat(format: Format, plain: unknown): void {
  if (!format.isValid(plain)) throw new Error(`expected ${format.expects}`);
  const [first] = badItems(format, plain);
  if (first !== undefined) throw new Error(`[${first}] expected ${format.item?.expects}`);
}

/** Indexes of the items that are wrong. */
export function badItems(format: Format, plain: unknown): number[] {
  const { item } = format;
  if (item === undefined || !Array.isArray(plain)) return [];
  return plain.flatMap((value, index) => (item.isValid(value) ? [] : [index]));
}
