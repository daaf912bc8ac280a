import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What a layer may import besides itself: folders of src, and packages. CONTRIBUTING.md, Layers, says why. */
interface Layer {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

const layers: Readonly<Record<string, Layer>> = {
  core: { folders: [], packages: [] },
  ports: { folders: ["core"], packages: [] },
  util: { folders: [], packages: [] },
  "plugin-api": { folders: ["core", "ports"], packages: ["convict", "node"] },
  engine: { folders: ["core", "ports", "plugin-api", "util"], packages: ["node"] },
  observer: { folders: ["core", "ports", "plugin-api", "util"], packages: ["node"] },
  config: { folders: ["core", "plugin-api", "util"], packages: ["convict", "yaml", "node"] },
  kube: { folders: ["core", "ports", "util"], packages: ["@kubernetes/client-node", "undici", "node"] },
  http: { folders: ["core", "ports", "util"], packages: ["prom-client", "node"] },
  notify: { folders: ["core", "ports", "util"], packages: ["undici", "node"] },
  doctor: { folders: ["core", "util"], packages: [] },
  page: { folders: ["core", "http", "util"], packages: [] },
  cli: { folders: ["core", "ports", "util", "doctor"], packages: ["commander", "yaml", "node"] },
};

/** Libraries that a folder of plugins/shared may import; the others none. */
const sharedLibraries: Readonly<Record<string, readonly string[]>> = { openstack: ["got", "yaml"] };

interface Import {
  readonly file: string;
  /** A path from the root for our own files, otherwise the package's name (`node` for what Node brings). */
  readonly target: string;
  readonly isOwn: boolean;
}

const sources = ["src", "plugins", "test"].flatMap((folder) => listFiles(folder));
const code = sources.filter((file) => file.endsWith(".ts") || file.endsWith(".mjs"));

describe("layers", () => {
  test.each(Object.keys(layers))("src/%s imports only what its layer may", (name) => {
    const { folders, packages } = layers[name] as Layer;
    const allowed = [name, ...folders].map((folder) => `src/${folder}/`);
    const wrong = importsOf(code.filter((file) => file.startsWith(`src/${name}/`))).filter(({ target, isOwn }) =>
      isOwn ? !allowed.some((prefix) => target.startsWith(prefix)) : !packages.includes(target),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  test("every folder of src is a known layer", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const unknown = folders.map(({ name }) => name).filter((name) => name !== "app" && !(name in layers));
    expect(unknown).toEqual([]);
  });

  test.each(["core", "doctor"])("%s is synchronous: it judges and does nothing", (name) => {
    const pure = code.filter((file) => file.startsWith(`src/${name}/`));
    const wrong = pure.filter((file) => /\basync\b|\bawait\b|\bPromise</.test(withoutComments(file)));
    expect(wrong).toEqual([]);
  });

  test("a plugin imports the plugin API, plugins/shared, its own folder, and one library", () => {
    const plugins = code.filter((file) => /^plugins\/(checks|providers)\//.test(file));
    const libraries = new Map<string, Set<string>>();
    const wrong = importsOf(plugins).filter(({ file, target, isOwn }) => {
      const folder = pluginFolder(file);
      if (isOwn) return !["src/plugin-api/", "plugins/shared/", folder].some((prefix) => target.startsWith(prefix));
      if (target !== "node") libraries.set(folder, (libraries.get(folder) ?? new Set()).add(target));
      return false;
    });
    const greedy = [...libraries].filter(([, names]) => names.size > 1).map(([folder, names]) => [folder, ...names]);
    expect({ wrong: wrong.map(say), greedy }).toEqual({ wrong: [], greedy: [] });
  });

  test("plugins/shared imports the plugin API, plugins/shared, and the libraries listed for its folder", () => {
    const shared = code.filter((file) => file.startsWith("plugins/shared/"));
    const wrong = importsOf(shared).filter(({ file, target, isOwn }) => {
      if (isOwn) return !["src/plugin-api/", "plugins/shared/"].some((prefix) => target.startsWith(prefix));
      return target !== "node" && sharedLibraries[file.split("/")[2] ?? ""]?.includes(target) !== true;
    });
    expect(wrong.map(say)).toEqual([]);
  });

  test("nothing that ships imports from test", () => {
    const shipped = code.filter((file) => !file.startsWith("test/"));
    expect(
      importsOf(shipped)
        .filter(({ target, isOwn }) => isOwn && target.startsWith("test/"))
        .map(say),
    ).toEqual([]);
  });
});

describe("files", () => {
  test("none is longer than 300 lines", () => {
    const long = code
      .map((file) => ({ file, lines: read(file).trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  test("names are kebab-case and say what is inside", () => {
    const vague = new Set(["utils", "util", "helpers", "helper", "manager", "types", "common", "misc"]);
    const wrong = code.filter((file) => {
      const name = file.slice(file.lastIndexOf("/") + 1).replace(/\.(ts|mjs)$/, "");
      return !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|property\.test|contract))?$/.test(name) || vague.has(name);
    });
    expect(wrong).toEqual([]);
  });
});

test("one copy of undici is installed, so that our agent fits client-node", () => {
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, unknown> };
  const copies = Object.keys(lock.packages).filter((path) => path.endsWith("node_modules/undici"));
  expect(copies).toEqual(["node_modules/undici"]);
});

function pluginFolder(file: string): string {
  return `${file.split("/").slice(0, 3).join("/")}/`;
}

function say({ file, target }: Import): string {
  return `${file} imports ${target}`;
}

function importsOf(files: readonly string[]): readonly Import[] {
  return files.flatMap((file) => {
    const found = withoutComments(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"\n]+)"/g);
    return [...found].map(([, specifier]) => toImport(file, specifier as string));
  });
}

function toImport(file: string, specifier: string): Import {
  if (specifier.startsWith(".")) return { file, target: normalize(join(dirname(file), specifier)), isOwn: true };
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const isBuiltin = specifier.startsWith("node:") || builtinModules.includes(specifier);
  return { file, target: isBuiltin ? "node" : name, isOwn: false };
}

function withoutComments(file: string): string {
  return read(file).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}
