// Bundles src/main.ts to dist/: one small start-up file and a chunk for each lazily loaded plugin.
import { execFile } from "node:child_process";
import { readdir, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";

const root = import.meta.dirname;
const dist = join(root, "dist");

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

await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { main: "src/main.ts" },
  outdir: dist,
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
  // packages in CommonJS ask for `require` of Node's own modules
  banner: { js: 'import{createRequire as __require}from"node:module";const require=__require(import.meta.url);' },
  plugins: [clientNodeHasNoSideEffects],
  logLevel: "warning",
});

const files = (await readdir(dist)).filter((name) => name.endsWith(".js"));
const sizes = await Promise.all(files.map(async (name) => (await stat(join(dist, name))).size));
const kib = (bytes: number) => `${(bytes / 1_024).toFixed(0)} KiB`;
const all = sizes.reduce((sum, size) => sum + size, 0);
process.stdout.write(`${relative(root, dist)}/: ${files.length} files, ${kib(all)}\n`);

const { stdout } = await promisify(execFile)(process.execPath, [join(dist, "main.js"), "version"], { timeout: 30_000 });
process.stdout.write(`main.js version: ${stdout.trim()}\n`);
