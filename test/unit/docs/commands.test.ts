import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { blocksOf, type Page, readPages } from "../../support/pages.ts";
import { cli } from "../cli/fake-ports.ts";

const root = new URL("../../../", import.meta.url);
const pages = await readPages();
const scripts: readonly string[] = Object.keys(
  JSON.parse(await readFile(new URL("package.json", root), "utf8")).scripts as object,
);

/** Command lines of aceso in the shell blocks of a page, without what follows a pipe. */
function acesoLines(page: Page): readonly (readonly string[])[] {
  const lines = blocksOf(page, "sh").flatMap((block) => block.replaceAll("\\\n", " ").split("\n"));
  return lines
    .map((line) => line.replace(/\s+#.*$/, "").replace(/\s\|.*$/, ""))
    .flatMap((line) => /^(?:npm run -s aceso -- |aceso )(.*)$/.exec(line)?.[1] ?? [])
    .map((args) => [...args.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word));
}

test.each(pages)("every npm script that $file names exists", ({ text }) => {
  const named = [...text.matchAll(/\bnpm (?:run (?:-s )?([\w:]+)|(test)\b)/g)].map(([, run, plain]) => run ?? plain);
  for (const name of named) expect(scripts).toContain(name);
});

test.each(pages)("every aceso command in the shell blocks of $file exists, with each of its options", async (page) => {
  for (const [command = "", ...args] of acesoLines(page)) {
    const { out, exitCode } = await cli([command, "--help"]);
    expect(exitCode, `${page.file}: aceso ${command}`).toBe(0);
    for (const option of args.filter((word) => word.startsWith("-")).map((word) => word.split("=", 1)[0] ?? "")) {
      expect(out, `${page.file}: aceso ${command} ${option}`).toMatch(new RegExp(`(^|[\\s,])${option}([\\s,]|$)`, "m"));
    }
  }
});

test("the pages show command lines at all", () => {
  expect(pages.flatMap(acesoLines).length).toBeGreaterThan(10);
});

test.each(pages)("the commands that $file shows inside a sentence exist", async ({ file, text }) => {
  const named = new Set([...text.matchAll(/`aceso ([a-z-]+)/g)].map(([, name = ""]) => name));
  for (const name of named) expect((await cli([name, "--help"])).exitCode, `${file}: aceso ${name}`).toBe(0);
});
