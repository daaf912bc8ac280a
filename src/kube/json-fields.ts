import type { WallMs } from "../core/time.ts";

/** A value from outside does not have the form that was expected. The message names the path. */
export class FieldProblem extends Error {}

/** Reads the fields of one JSON object whose form nobody has checked yet. Every reader names the path in its problem. */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @throws FieldProblem when the value is no JSON object */
  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new FieldProblem(`${path}: expected an object, found ${describe(value)}`);
    }
    this.#object = value as Record<string, unknown>;
    this.#path = path;
  }

  has(key: string): boolean {
    return this.#object[key] !== undefined && this.#object[key] !== null;
  }

  /** @throws FieldProblem like all readers below */
  text(key: string): string {
    const value = this.#object[key];
    if (typeof value !== "string") this.#fail(key, "text", value);
    return value;
  }

  textOr(key: string, fallback: string): string {
    return this.has(key) ? this.text(key) : fallback;
  }

  flag(key: string): boolean {
    const value = this.#object[key];
    if (typeof value !== "boolean") this.#fail(key, "true or false", value);
    return value;
  }

  /** A whole number, not negative. */
  whole(key: string): number {
    const value = this.#object[key];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      this.#fail(key, "a whole number, not negative", value);
    }
    return value;
  }

  /** An RFC 3339 time. */
  time(key: string): WallMs {
    const value = this.text(key);
    const wallMs = parseTime(value);
    if (wallMs === undefined) this.#fail(key, "a time such as 2026-01-31T12:00:00.000Z", value);
    return wallMs;
  }

  timeOr(key: string, fallback: WallMs): WallMs {
    return this.has(key) ? this.time(key) : fallback;
  }

  oneOf<const T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.#object[key];
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.#fail(key, `one of ${allowed.join(", ")}`, value);
    return found;
  }

  child(key: string): Fields | undefined {
    return this.has(key) ? new Fields(this.#object[key], `${this.#path}.${key}`) : undefined;
  }

  /** Objects of a list; an absent list is empty. */
  list(key: string): readonly Fields[] {
    return this.#items(key).map((item, index) => new Fields(item, `${this.#path}.${key}[${index}]`));
  }

  /** Words of a list; an absent list is empty. */
  words<const T extends string>(key: string, allowed: readonly T[]): readonly T[] {
    return this.#items(key).map((item, index) => {
      const found = allowed.find((candidate) => candidate === item);
      if (found === undefined) this.#fail(`${key}[${index}]`, `one of ${allowed.join(", ")}`, item);
      return found;
    });
  }

  #items(key: string): readonly unknown[] {
    if (!this.has(key)) return [];
    const value = this.#object[key];
    if (!Array.isArray(value)) this.#fail(key, "a list", value);
    return value;
  }

  #fail(key: string, expected: string, found: unknown): never {
    throw new FieldProblem(`${this.#path}.${key}: expected ${expected}, found ${describe(found)}`);
  }
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds of an RFC 3339 text, undefined when it is none. */
export function parseTime(text: string): WallMs | undefined {
  const wallMs = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(wallMs) ? undefined : wallMs;
}

/** RFC 3339 with milliseconds, in UTC. */
export function timeText(wallMs: WallMs): string {
  return new Date(Math.round(wallMs)).toISOString();
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
