// Bundles src/main.ts to dist/: one small start-up file and a chunk for each lazily loaded plugin. The status page goes
// to dist/page/.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { copyFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";

const root = import.meta.dirname;
const run = promisify(execFile);

/**
 * The package's generated index imports a thousand model files that nothing here uses, but says nothing about side
 * effects, so esbuild keeps them all: 10 MiB of memory in each replica.
 */
const clientNodeHasNoSideEffects: Plugin = {
  name: "client-node-has-no-side-effects",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...where }) => {
      const concerns =
        path.startsWith("@kubernetes/client-node") || where.importer.includes("@kubernetes/client-node/");
      if (!concerns || pluginData === "resolving") return undefined;
      const { importer, kind, namespace, resolveDir, with: attributes } = where;
      const found = await resolve(path, {
        importer,
        kind,
        namespace,
        resolveDir,
        with: attributes,
        pluginData: "resolving",
      });
      return found.errors.length > 0 ? found : { ...found, sideEffects: false };
    });
  },
};

// A folder of its own: builds at the same time do not meet, and nobody ever sees half of one in dist/.
const made = join(root, `dist-${randomUUID()}`);
process.on("exit", () => rmSync(made, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: "src/main.ts" },
  outdir: made,
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node24",
  minify: true,
  // names of error classes are printed
  keepNames: true,
  // beside the code for whoever decodes a stack; not in the image
  sourcemap: "external",
  legalComments: "linked",
  // native parts of ssh2, which does without: they are not installed either (allowScripts in package.json)
  external: ["cpu-features", "*.node"],
  // packages in CommonJS ask for `require` of Node's own modules, and where they are
  banner: {
    js:
      'import{createRequire as __require}from"node:module";const require=__require(import.meta.url),' +
      "__dirname=import.meta.dirname;",
  },
  plugins: [clientNodeHasNoSideEffects],
  logLevel: "warning",
  metafile: true,
});

const page = join(made, "page");
await build({
  absWorkingDir: root,
  entryPoints: ["src/page/main.ts", "src/page/page.css"],
  outdir: page,
  entryNames: "page",
  bundle: true,
  platform: "browser",
  format: "esm",
  target: ["chrome111", "firefox113", "safari16.4"],
  minify: true,
  logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) await copyFile(join(root, "src/page", name), join(page, name));

const files = (await readdir(made)).filter((name) => name.endsWith(".js"));
const sizes = await Promise.all(files.map(async (name) => (await stat(join(made, name))).size));
const pageSizes = await Promise.all((await readdir(page)).map(async (name) => (await stat(join(page, name))).size));
const kib = (bytes: number) => `${(bytes / 1_024).toFixed(0)} KiB`;
const sum = (all: readonly number[]) => all.reduce((total, size) => total + size, 0);
process.stdout.write(`dist/: ${files.length} files, ${kib(sum(sizes))}\n`);
process.stdout.write(`dist/page/: ${pageSizes.length} files, ${kib(sum(pageSizes))}\n`);

const { stdout } = await run(process.execPath, [join(made, "main.js"), "version"], { timeout: 30_000 });
process.stdout.write(`main.js version: ${stdout.trim()}\n`);

// What is loaded when it is needed must not turn out then to be of no use in a bundle.
const outputs = Object.entries(metafile.outputs);
const lazy = outputs.filter(([, { entryPoint = "src/main.ts" }]) => entryPoint !== "src/main.ts");
const imports = lazy.map(([file]) => `await import(${JSON.stringify(join(root, file))});`);
await run(process.execPath, ["--input-type=module", "--eval", imports.join("")], { timeout: 60_000 });
process.stdout.write(`${lazy.length} chunks for later load\n`);

const dist = join(root, "dist");
const old = `${made}-old`;
// A folder that is not empty is not renamed over. Another build may put its own there in between: then once more.
while (!(await moved(made, dist, ["ENOTEMPTY", "EEXIST"]))) {
  if (await moved(dist, old, ["ENOENT"])) await rm(old, { recursive: true, force: true });
}

/** @returns false when it came to one of these errors */
async function moved(from: string, to: string, expected: readonly string[]): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (!expected.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  }
}
