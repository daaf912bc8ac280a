import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../e2e/openstack");

test("no two test files that kill compute hosts share them, for files run beside each other", async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".test.ts"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const zones = texts.flatMap((text) => [...new Set(text.match(/zone: "[^"]*"/g))]);
  expect(zones.length).toBeGreaterThanOrEqual(4);
  expect(zones).toEqual([...new Set(zones)]);
});
