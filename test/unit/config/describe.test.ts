import { expect, test } from "vitest";
import { describeConfig, describeKeys } from "../../../src/config/describe.ts";
import { rootKeys, sections } from "../../../src/config/schema.ts";
import { registry } from "../../support/config-loading.ts";

test("names every key of the file, of every check and of every provider", () => {
  const tables = describeConfig(registry);
  const plugins = [...registry.checks.values(), ...registry.providers.values()];
  const schemas = [rootKeys, ...Object.values(sections), ...plugins.map((plugin) => plugin.params)];
  const keys = schemas.flatMap((schema) => Object.keys(schema));
  expect(keys.filter((key) => !tables.includes(`| \`${key}\` |`))).toEqual([]);
  expect(tables).toContain("| `silence` | duration | `25s` |");
  expect(tables).toContain("| `etcd` | one of stacked, external, rejoins | – |");
});

test("a table row holds key, type, default and meaning, with bars escaped", () => {
  const schema = {
    a: { doc: "One | two.", format: "strings", default: ["x"] },
    b: { doc: "Needed.", format: "path", default: null, required: true },
    c: { doc: "May be absent.", format: "url", default: null },
  } as const;
  expect(describeKeys(schema).split("\n").slice(2)).toEqual([
    '| `a` | list of texts | `["x"]` | One \\| two. |',
    "| `b` | file | required | Needed. |",
    "| `c` | URL | – | May be absent. |",
  ]);
  expect(describeKeys({})).toBe("No parameters.");
});
