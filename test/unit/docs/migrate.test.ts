import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { asklepiosKeys } from "../../../src/config/compat-asklepios.ts";
import { magnumKeys } from "../../../src/config/compat-magnum.ts";
import { rootKeys } from "../../../src/config/schema.ts";
import { loadText } from "../../support/config-loading.ts";
import { partOf } from "../../support/generated-docs.ts";
import { blocksOf } from "../../support/pages.ts";

const page = await readFile(new URL("../../../docs/migrate.md", import.meta.url), "utf8");

/** Cells of the rows of a table, without its head. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const magnumRows = rowsOf(partOf(page, "magnum keys") ?? "");

test("every key of magnum-auto-healer has its row, and no other", () => {
  expect(magnumRows.map(([key]) => key)).toEqual(magnumKeys.map((key) => `\`${key}\``));
});

test("the defaults here are those of the schema", () => {
  const schema: Readonly<Record<string, { readonly default: unknown }>> = rootKeys;
  for (const [key = "", , here] of magnumRows) {
    const spec = schema[key.replaceAll("`", "")];
    if (spec !== undefined)
      expect(here, key).toBe(spec.default ? `\`${spec.default}\`` : spec.default === false ? "`false`" : "–");
  }
});

test("a file of Asklepios and the same in Aceso's own keys come to the same configuration", () => {
  const [theirs = "", ours = ""] = blocksOf({ file: "", text: partOf(page, "asklepios") ?? "" }, "yaml");
  expect(loadText(theirs).effective).toEqual(loadText(ours).effective);
});

test("dry-run by a variable leaves the meaning of such a file as it is, a line in the file does not", () => {
  const [theirs = ""] = blocksOf({ file: "", text: partOf(page, "asklepios") ?? "" }, "yaml");
  const { isDryRun: _dry, ...meant } = loadText(theirs).policy;
  const { isDryRun, ...rest } = loadText(theirs, { env: { ACESO_DRY_RUN: "true" } }).policy;
  expect([isDryRun, rest]).toEqual([true, meant]);
  expect(loadText(`${theirs}dry-run: true\n`).policy.fencing.acceptUnproven).toBe(false);
});

test("every key of Asklepios is told", () => {
  for (const key of [...asklepiosKeys, "balancer"]) expect(page).toMatch(new RegExp(`^\\| \`${key}\` `, "m"));
});
