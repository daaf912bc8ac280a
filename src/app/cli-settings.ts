import * as builtIn from "../../plugins/index.ts";
import { ConfigError } from "../config/problem.ts";
import { rootKeys, sections } from "../config/schema.ts";
import { nearest } from "../util/nearest.ts";

/**
 * Refuses keys of `--set` that no section has: a mistyped key that silently does nothing is worse than none. Keys of a
 * provider's section are judged when its plugin is loaded.
 *
 * @throws ConfigError with one problem a key
 */
export function requireKnownKeys(keys: readonly string[]): void {
  const known = knownKeys();
  const isKnown = (key: string) => known.includes(key) || providerKey(key);
  const problems = keys
    .filter((key) => !isKnown(key))
    .map((path) => {
      const meant = nearest(path, known);
      const advice = meant === undefined ? "see check-config for all keys" : `did you mean ${meant}?`;
      return { at: undefined, source: `flag --set`, path, message: `unknown key; ${advice}` };
    });
  if (problems.length > 0) throw new ConfigError(problems);
}

function knownKeys(): string[] {
  const inSections = Object.entries(sections).flatMap(([name, keys]) =>
    Object.keys(keys).map((key) => `${name}.${key}`),
  );
  return [...Object.keys(rootKeys), ...inSections];
}

function providerKey(key: string): boolean {
  const [section = "", name] = key.split(".");
  return name !== undefined && section in builtIn.providers;
}
