import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { checks, providers } from "../../../plugins/index.ts";
import { loadPlugins } from "../../../src/app/plugin-loading.ts";
import { load } from "../../../src/config/load.ts";
import { paramsTable } from "../../support/params-table.ts";

const root = new URL("../../../plugins/", import.meta.url);

/** `NodeCondition` lies in node-condition. */
function folderOf(id: string): string {
  return id.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}

const plugins = [
  ...Object.entries(checks).map(([id, load]) => ({ id, load, folder: `checks/${folderOf(id)}` })),
  ...Object.entries(providers).map(([id, load]) => ({ id, load, folder: `providers/${folderOf(id)}` })),
];

test.each(plugins)("$id goes by its own id in the table of plugins", async ({ id, load }) => {
  expect((await load()).default.id).toBe(id);
});

test.each(plugins)("the page of $id has the table of its parameters as they are", async ({ id, load, folder }) => {
  const page = narrow(await readFile(new URL(`${folder}/README.md`, root), "utf8"));
  const { params } = (await load()).default;
  expect(page.startsWith(`# ${id}\n`)).toBe(true);
  if (Object.keys(params).length > 0) expect(page).toContain(narrow(paramsTable(params)));
});

test.each(plugins)("the examples on the page of $id are valid configuration", async ({ folder }) => {
  const page = await readFile(new URL(`${folder}/README.md`, root), "utf8");
  const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  const registry = await loadPlugins();
  expect(examples.length).toBeGreaterThan(0);
  for (const text of examples) expect(() => load(text, { file: "example.yaml", registry })).not.toThrow();
});

test("every folder of a plugin is in the table of plugins", async () => {
  const folders = await Promise.all(
    ["checks", "providers"].map(async (kind) => (await readdir(new URL(kind, root))).map((name) => `${kind}/${name}`)),
  );
  expect(folders.flat().sort()).toEqual(plugins.map(({ folder }) => folder).sort());
});

test("the worked example on the page of exec is the program in its folder", async () => {
  const [page, program] = await Promise.all(
    ["README.md", "example-ipmi.mjs"].map((name) => readFile(new URL(`providers/exec/${name}`, root), "utf8")),
  );
  expect(page).toContain(program);
});

/** Tables without the blanks and dashes that only line up their columns. */
function narrow(page: string): string {
  return page.replace(/ {2,}/g, " ").replace(/-{3,}/g, "---");
}
