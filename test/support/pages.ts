import { readdir, readFile } from "node:fs/promises";

const root = new URL("../../", import.meta.url);

/** A page for people. */
export interface Page {
  /** From the root of the project. */
  readonly file: string;
  readonly text: string;
}

/** What is brought or made, and holds pages that are not the project's. */
const notOurs = /^(\.git|node_modules|dist(-.*)?|coverage)$/;

/** Every page in Markdown that the project holds. */
export async function readPages(): Promise<readonly Page[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const ours = entries.filter(({ name }) => !notOurs.test(name));
  const below = await Promise.all(ours.filter((it) => it.isDirectory()).map(({ name }) => markdownIn(name)));
  const files = [...ours.filter((it) => it.isFile()).map(({ name }) => name), ...below.flat()].filter(isMarkdown);
  return Promise.all(files.sort().map(async (file) => ({ file, text: await readFile(new URL(file, root), "utf8") })));
}

async function markdownIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(new URL(folder, root), { recursive: true });
  return names.filter(isMarkdown).map((name) => `${folder}/${name}`);
}

const isMarkdown = (name: string) => name.endsWith(".md");

/** The fenced blocks of one language, each without its fences. */
export function blocksOf({ text }: Page, language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...text.matchAll(fence)].map(([, block = ""]) => block);
}

/** Names by which GitHub links to the headings of a page. */
export function anchorsOf({ text }: Page): readonly string[] {
  const headings = [...text.replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return headings.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

/** Markdown without the blanks and dashes that only line up the columns of its tables. */
export function withoutPadding(markdown: string): string {
  return markdown.replace(/ {2,}/g, " ").replace(/ ?-{3,} ?/g, "---");
}
