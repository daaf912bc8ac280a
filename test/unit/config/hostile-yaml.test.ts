import { describe, expect, test } from "vitest";
import { maxFileBytes } from "../../../src/config/yaml-tree.ts";
import { problemsOf } from "../../support/config-loading.ts";

const laughs = (levels: number) =>
  [
    "a0: &a0 [x]",
    ...Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`),
    "",
  ].join("\n");

describe("refuses quickly and with a reason", () => {
  test.each([
    [
      "a file larger than a ConfigMap",
      `# ${"x".repeat(2 * maxFileBytes)}\n`,
      /^config\.yaml: larger than 1048576 bytes/,
    ],
    ["a billion laughs", laughs(9), /^config\.yaml:\d+:\d+: more than 100 aliases, expanded$/],
    [
      "an anchor that holds itself",
      "a: &a [*a]\n",
      /^config\.yaml:1:\d+: (more than 100 aliases, expanded|nested deeper than 50 levels)$/,
    ],
    ["an alias without anchor", "silence: *never\n", /^config\.yaml:1:10: an alias without an anchor before it$/],
    [
      "two documents",
      "dry-run: true\n---\ndry-run: false\n",
      /^config\.yaml:2:1: expected one YAML document, found several; of a manifest only the text below the key config\.yaml of its ConfigMap is meant$/,
    ],
    [
      "very many documents",
      "---\n".repeat(200_000),
      /^config\.yaml:\d+:1: expected one YAML document, found several; of a manifest/,
    ],
    [
      "more values than any cluster needs",
      `node-selector:\n${Array.from({ length: 30_000 }, (_, i) => `  k${i}: v\n`).join("")}`,
      /^config\.yaml:\d+:\d+: more than 20000 values, aliases expanded$/,
    ],
    [
      "very many unknown keys",
      Array.from({ length: 3_000 }, (_, i) => `leader-elektion-${i}: v\n`).join(""),
      /^config\.yaml:1:1 leader-elektion-0: unknown key/,
    ],
    ["deep nesting", `a: ${"[".repeat(300)}${"]".repeat(300)}\n`, /^config\.yaml:1:\d+: nested deeper than 50 levels$/],
    [
      "nesting that would end the stack",
      `a: ${"[".repeat(50_000)}`,
      /^config\.yaml.*(nested deeper than 50 levels|not YAML)/,
    ],
    ["a list as the whole file", "- a\n", /^config\.yaml:1:1: expected keys with values/],
    ["text as the whole file", "hello\n", /^config\.yaml:1:1: expected keys with values/],
    ["a tag that is not plain YAML", "cluster-name: !secret x\n", /^config\.yaml:1:15: expected a plain value/],
    ["a key that is a list", "? [a]\n: 1\n", /^config\.yaml:1:3: expected a plain key$/],
    ["tabs", `fencing:\n\taccept-unproven: true\n`, /^config\.yaml:2:1: not YAML: Tabs are not allowed as indentation/],
    ["a quote that never ends", 'cluster-name: "x\n', /^config\.yaml:\d+:\d+: not YAML: Missing closing/],
  ])("%s", { timeout: 5_000 }, (_name, text, first) => {
    expect(problemsOf(text)[0]).toMatch(first);
  });
});

test("a prototype cannot be polluted through a key", () => {
  const lines = problemsOf("__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n");
  expect(lines).toEqual(["config.yaml:1:1 __proto__: unknown key", "config.yaml:2:1 constructor: unknown key"]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("control characters of a key reach no terminal, and an endless key is cut", () => {
  const lines = problemsOf(`"a\\e[31mb\\nc": 1\n? ${"k".repeat(500)}\n: 1\n`);
  expect(lines).toEqual([
    "config.yaml:1:1 a\\u001b[31mb\\u000ac: unknown key",
    `config.yaml:2:3 ${"k".repeat(128)}…: unknown key`,
  ]);
});

test("a few aliases are fine, and a problem inside names the place where the value stands", () => {
  const text =
    "healthcheck:\n  master: &list\n    - type: NodeLease\n      params: {unhealthy-duration: soon}\n  worker: *list\n";
  const at = "config.yaml:4:16 healthcheck";
  expect(problemsOf(text)).toEqual([
    `${at}.master[0].params.unhealthy-duration: expected a duration such as 30s or 5m`,
    `${at}.worker[0].params.unhealthy-duration: expected a duration such as 30s or 5m`,
  ]);
  expect(problemsOf(text.replace("soon", "55s"))).toEqual([]);
});

test("a byte order mark and carriage returns do not move the places", () => {
  expect(problemsOf("\ufeffdry-run: true\r\nsilence: 5\r\n")).toEqual([
    "config.yaml:2:1 silence: expected a duration such as 30s or 5m, longer than 0",
  ]);
});
