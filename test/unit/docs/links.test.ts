import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { type Page, readPages } from "../../support/pages.ts";

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
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { target, anchor, file: path === "" ? file : posix.join(posix.dirname(file), path) };
    });
}

/** Names by which GitHub links to the headings of a page. */
function anchorsOf({ text }: Page): readonly string[] {
  const headings = [...text.replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return headings.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
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

test("no page names a file of a machine, or the address of one that is not its reader's", () => {
  for (const { file, text } of pages) expect(text, file).not.toMatch(/\/work\/|\/root\/|\b10\.\d+\.\d+\.\d+\b/);
});
