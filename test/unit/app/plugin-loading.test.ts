import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadPlugins, PluginLoadError } from "../../../src/app/plugin-loading.ts";
import { pluginProblems } from "../../../src/app/plugin-problems.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-plugins-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function moduleOf(name: string, code: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, code);
  return path;
}

const goodCheck = `export default {
  apiVersion: "aceso.dev/v1alpha1", kind: "health-check", id: "Moon", summary: "The moon is up.",
  params: { phase: { doc: "Which phase.", format: ["new", "full"], default: "full" } },
  create: () => ({ evaluate: () => ({ verdict: "pass", message: "up" }) }),
};`;

test("the built-in plugins are there without any configuration", async () => {
  const { checks, providers } = await loadPlugins();
  expect([...checks.keys()]).toEqual(expect.arrayContaining(["Command", "Endpoint", "NodeCondition", "NodeLease"]));
  expect([...providers.keys()]).toEqual(expect.arrayContaining(["exec", "libvirt", "openstack"]));
});

test("somebody else's module joins them, importing nothing from Aceso", async () => {
  const { checks } = await loadPlugins([await moduleOf("moon.mjs", goodCheck)]);
  expect(checks.get("Moon")?.summary).toBe("The moon is up.");
});

test("every broken module is named, with everything that is wrong about it, and stops the start", async () => {
  const paths = [
    await moduleOf("throws.mjs", "throw new Error('no moon today');"),
    await moduleOf("syntax.mjs", "export default {"),
    await moduleOf("nothing.mjs", "export const x = 1;"),
    await moduleOf("list.mjs", "export default [];"),
    await moduleOf(
      "old.mjs",
      goodCheck
        .replace("v1alpha1", "v1alpha0")
        .replace('"Moon"', "7")
        .replace('default: "full"', "default: undefined")
        .replace("create:", "mistakes: 1, create:"),
    ),
    await moduleOf("double.mjs", goodCheck.replace("Moon", "Endpoint")),
    join(folder, "missing.mjs"),
  ];
  const error = await loadPlugins(paths).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PluginLoadError);
  const { message } = error as PluginLoadError;
  for (const path of paths) expect(message).toContain(path);
  expect(message).toContain("throws.mjs: importing it: no moon today");
  expect(message).toContain("nothing.mjs: it has no default export");
  expect(message).toContain("list.mjs: its default export is not an object");
  expect(message).toContain('old.mjs: apiVersion is "aceso.dev/v1alpha0", expected "aceso.dev/v1alpha1"');
  expect(message).toContain("old.mjs: id is 7");
  expect(message).toContain("old.mjs: params.phase.default is missing");
  expect(message).toContain("old.mjs: mistakes is not a function");
  expect(message).toContain('double.mjs: there is a plugin "Endpoint" already');
});

test("the same module twice is told", async () => {
  const path = await moduleOf("moon2.mjs", goodCheck);
  await expect(loadPlugins([path, path])).rejects.toThrow('there is a plugin "Moon" already');
});

test("whatever a module exports, judging it never throws, and nothing but a plugin passes", () => {
  const spec = fc.record({ doc: fc.string(), format: fc.constantFrom("flag", "banana", []), default: fc.anything() });
  const almost = fc.record({
    apiVersion: fc.constantFrom("aceso.dev/v1alpha1", "v1"),
    kind: fc.constantFrom("health-check", "provider", "fish"),
    id: fc.oneof(fc.constant("Moon"), fc.anything()),
    summary: fc.oneof(fc.string(), fc.anything()),
    params: fc.oneof(fc.dictionary(fc.string(), fc.oneof(spec, fc.anything())), fc.anything()),
    create: fc.constantFrom(() => {}, "create"),
  });
  fc.assert(
    fc.property(fc.oneof(almost, fc.anything({ withBigInt: true })), (value) => {
      const problems = pluginProblems(value);
      if (problems.length > 0) return;
      const { apiVersion, kind, create } = value as Record<string, unknown>;
      expect([apiVersion, typeof create]).toEqual(["aceso.dev/v1alpha1", "function"]);
      expect(["health-check", "provider"]).toContain(kind);
    }),
    { numRuns: 1_000 },
  );
});
