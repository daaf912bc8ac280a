import { blocksOf, type Page } from "./pages.ts";

/** How a command line of a page is tested: it is run as it stands, or another test does the same. */
export type Handling = "run" | Covered;

interface Covered {
  /** A file that runs it in its own way, and what must stand there. */
  readonly by: string;
  readonly proof: string;
}

/** Pages whose command lines are run, in the order in which a reader would. */
export const pagesWithCommands = ["docs/migrate.md", "README.md"] as const;

const handlings: readonly (readonly [RegExp, Handling])[] = [
  [/^(kubectl|aceso|alias aceso=|npm run -s aceso --) ?/, "run"],
  // it never ends by itself; the runner has it end when the node is healed
  [/^npm run demo$/, { by: "test/runner/shows.ts", proof: 'script: demo, args: ["--once"]' }],
  // no daemon is needed to try the Dockerfile and the image in a registry
  [/^docker build -t \S+ \.$/, { by: "test/e2e/image/image.test.ts", proof: 'buildah.run(["build"' }],
  [/^docker push \S+$/, { by: "test/e2e/image/image.test.ts", proof: "startRegistry" }],
];

/** @returns undefined for a line that nobody has thought of */
export function handlingOf(line: string): Handling | undefined {
  return handlings.find(([pattern]) => pattern.test(line))?.[1];
}

/** The command lines of a page: its shell blocks, and what follows a `$` in the others. Without comments, continued lines as one. */
export function commandsOf(page: Page): readonly string[] {
  const blocks = [...page.text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const lines = blocks.flatMap(([, language = "", block = ""]) => {
    const whole = block.replaceAll("\\\n", " ").split("\n");
    if (language === "sh") return whole;
    return whole.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
  });
  return lines.map((line) => line.replace(/(^|\s+)#.*$/, "").trim()).filter((line) => line !== "");
}

/** Whether the page has shell blocks that a reader would take for such and we would not. */
export function otherShellBlocks(page: Page): number {
  return ["bash", "shell", "console", "zsh"].flatMap((language) => blocksOf(page, language)).length;
}
