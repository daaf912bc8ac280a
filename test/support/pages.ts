import { readdir, readFile } from "node:fs/promises";

const root = new URL("../../", import.meta.url);

/** A page for people. */
export interface Page {
  /** From the root of the project. */
  readonly file: string;
  readonly text: string;
}

/** Every page in Markdown that the project holds. */
export async function readPages(): Promise<readonly Page[]> {
  const below = await Promise.all(["docs", "plugins", "test"].map((folder) => markdownIn(folder)));
  const files = ["README.md", "CONTRIBUTING.md", ...below.flat()];
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(new URL(file, root), "utf8") })));
}

async function markdownIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(new URL(folder, root), { recursive: true });
  return names.filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`);
}

/** The fenced blocks of one language, each without its fences. */
export function blocksOf({ text }: Page, language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...text.matchAll(fence)].map(([, block = ""]) => block);
}

/** Markdown without the blanks and dashes that only line up the columns of its tables. */
export function withoutPadding(markdown: string): string {
  return markdown.replace(/ {2,}/g, " ").replace(/ ?-{3,} ?/g, "---");
}
