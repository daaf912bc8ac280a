import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { commandsOf, handlingOf, otherShellBlocks, pagesWithCommands } from "../../support/page-commands.ts";
import { readPages } from "../../support/pages.ts";

const root = new URL("../../../", import.meta.url);
const pages = (await readPages()).filter(({ file }) => pagesWithCommands.some((name) => name === file));
const lines = pages.flatMap((page) => commandsOf(page).map((line) => [page.file, line] as const));

test.each(lines)("%s: %s is run by a test, or another one does the same", async (_, line) => {
  const handling = handlingOf(line);
  expect(handling, "nobody has thought of this line: test/support/page-commands.ts").toBeDefined();
  if (handling === undefined || handling === "run") return;
  expect(await readFile(new URL(handling.by, root), "utf8")).toContain(handling.proof);
});

test("an unknown line has no handling", () => {
  for (const line of ["curl https://example.org", "sudo aceso status", "docker run aceso", "npm run demo -- --forever"])
    expect(handlingOf(line), line).toBeUndefined();
});

test("comments and other languages are no commands, continued lines are one", () => {
  const text =
    "```sh\n# first\naceso status # all\naceso explain \\\n  n1\n```\n```yaml\na: 1\n```\n```\n$ kubectl get nr\nNAME\n```\n";
  expect(commandsOf({ file: "p.md", text })).toEqual(["aceso status", "aceso explain    n1", "kubectl get nr"]);
});

test("shell blocks are marked as such", () => {
  expect(pages.map((page) => [page.file, otherShellBlocks(page)])).toEqual(pages.map(({ file }) => [file, 0]));
  expect(lines.length).toBeGreaterThan(20);
});
