import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generatedParts, partOf, withPart } from "../../support/generated-docs.ts";
import { withoutPadding } from "../../support/pages.ts";

const root = new URL("../../../", import.meta.url);

/** Writes the parts anew instead of comparing them: `ACESO_WRITE_DOCS=1 npm run unit -- docs`. */
const isWriting = process.env.ACESO_WRITE_DOCS === "1";

test.each(generatedParts)("$file shows $name as the sources have them", async (part) => {
  const file = new URL(part.file, root);
  const page = await readFile(file, "utf8");
  if (isWriting) await writeFile(file, withPart(page, part));
  const now = isWriting ? await readFile(file, "utf8") : page;
  const shown = partOf(now, part.name);
  expect(shown, `markers of ${part.name}`).toBeDefined();
  const hint = "to write it anew: ACESO_WRITE_DOCS=1 npm run unit -- docs";
  expect(withoutPadding(shown ?? ""), hint).toBe(withoutPadding(part.text));
});

test("a part is found between its own markers only", () => {
  const page = "a\n<!-- begin x -->\n\nold\n\n<!-- end x -->\nb\n";
  const part = { file: "p.md", name: "x", text: "new" };
  expect(partOf(page, "x")).toBe("old");
  expect(withPart(page, part)).toBe("a\n<!-- begin x -->\n\nnew\n\n<!-- end x -->\nb\n");
  expect(() => withPart("", part)).toThrow("p.md has no markers of x");
});
