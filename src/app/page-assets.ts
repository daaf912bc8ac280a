import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, extname, join, posix } from "node:path";

/** One file of the status page, as it is sent. */
export interface PageAsset {
  readonly body: Buffer;
  readonly contentType: string;
  /** Quoted, as the header wants it; made of the content. */
  readonly etag: string;
}

/** By path: `/` and `/assets/…`. */
export type PageAssets = ReadonlyMap<string, PageAsset>;

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const here = import.meta.dirname;
/** Beside the bundle, where the build puts it. */
const builtFolder = join(here, "page");
const sources = join(here, "..");
const entry = "page/main.ts";

/**
 * Reads the status page into memory, once, at the start: the built one beside the bundle, else the sources with their
 * types taken away.
 *
 * @throws Error when files of it are missing
 */
export async function readPageAssets(): Promise<PageAssets> {
  const built = await readdir(builtFolder).catch(() => undefined);
  const files = built === undefined ? await readSources() : await readFolder(builtFolder, built);
  return new Map(files.map(([path, text]) => [path, assetOf(path, text)]));
}

type Files = readonly (readonly [path: string, text: string])[];

function assetOf(path: string, text: string): PageAsset {
  const body = Buffer.from(text);
  const extension = path === "/" ? ".html" : extname(path);
  const hash = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  return { body, contentType: contentTypes[extension] ?? "application/octet-stream", etag: `"${hash}"` };
}

async function readFolder(folder: string, names: readonly string[]): Promise<Files> {
  return Promise.all(
    names
      .filter((name) => extname(name) in contentTypes && extname(name) !== ".ts")
      .map(async (name) => {
        const path = name === "index.html" ? "/" : `/assets/${name}`;
        return [path, await readFile(join(folder, name), "utf8")] as const;
      }),
  );
}

/** Without a bundler: each module by its place below src, as its importers name it. */
async function readSources(): Promise<Files> {
  const folder = join(sources, dirname(entry));
  const plain = await readFolder(folder, await readdir(folder));
  const modules = new Map<string, string>();
  await readModule(entry, modules);
  const served = [...modules].map(([path, text]) => [`/assets/${path}`, text] as const);
  return [...plain, ...served, ["/assets/page.js", `import "./${entry}";\n`]];
}

const importPattern = /^(?:import|export)\s[^"']*?from "(\.[^"]+)";$/gm;

async function readModule(path: string, modules: Map<string, string>): Promise<void> {
  const text = await readFile(join(sources, path), "utf8");
  const code = stripTypeScriptTypes(text);
  modules.set(path, code);
  const wanted = [...code.matchAll(importPattern)].map(([, specifier = ""]) =>
    posix.join(posix.dirname(path), specifier),
  );
  for (const each of wanted) {
    if (!modules.has(each)) await readModule(each, modules);
  }
}
