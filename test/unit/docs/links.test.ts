import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, type Page, readPages } from "../../support/pages.ts";

const root = new URL("../../../", import.meta.url);
const pages = await readPages();

interface Link {
  readonly target: string;
  readonly file: string;
  readonly anchor: string | undefined;
}

/** Links to files of the project, resolved. */
function linksOf({ file, text }: Page): readonly Link[] {
  const prose = text.replace(/^```.*?^```$/gms, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|<img[^>]* src="([^"]+)"/g)].map(
    ([, link, src]) => link ?? src ?? "",
  );
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { target, anchor, file: path === "" ? file : posix.join(posix.dirname(file), path) };
    });
}

test.each(pages)("every link of $file leads somewhere", async (page) => {
  for (const { target, file, anchor } of linksOf(page)) {
    const there = await stat(new URL(file, root)).then(
      () => true,
      () => false,
    );
    expect(there, `${page.file}: ${target}`).toBe(true);
    const aimed = pages.find((other) => other.file === file);
    if (anchor !== undefined && aimed !== undefined)
      expect(anchorsOf(aimed), `${page.file}: ${target}`).toContain(anchor);
  }
});

/** Files and folders of the project that a page names in its text. Patterns, and the check that a reader writes, are no names. */
function pathsOf({ text }: Page): readonly string[] {
  const prose = text.replace(/^ *```.*?^ *```$/gms, "");
  const named = [...prose.matchAll(/`((?:src|plugins|test|manifests|docs)\/[^`\s]*)`/g)].map(([, path = ""]) => path);
  return named.filter((path) => !/[*<>{}…]|tcp-port/.test(path));
}

test.each(pages)("every file that $file names is there", async (page) => {
  for (const path of pathsOf(page)) {
    const found = stat(new URL(path, root)).then(() => path);
    await expect(found, `${page.file}: ${path}`).resolves.toBe(path);
  }
});

test("no page names a file of a machine, or the address of one that is not its reader's", () => {
  for (const { file, text } of pages) expect(text, file).not.toMatch(/\/work\/|\/root\/|\b10\.\d+\.\d+\.\d+\b/);
});
