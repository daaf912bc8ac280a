import { expect, test } from "vitest";
import { loadText } from "../../support/config-loading.ts";
import { blocksOf, readPages } from "../../support/pages.ts";

const pages = (await readPages()).filter(({ file }) => file === "README.md" || file.startsWith("docs/"));

/** Blocks in YAML are configuration, unless they are Kubernetes objects or parts of them. */
const examples = pages.flatMap((page) =>
  blocksOf(page, "yaml").map((text, index) => ({ file: page.file, number: index + 1, text })),
);

test.each(examples)("example $number of $file is valid configuration", ({ text }) => {
  expect(() => loadText(text)).not.toThrow();
});

test("there are examples", () => {
  expect(examples.length).toBeGreaterThan(3);
});
