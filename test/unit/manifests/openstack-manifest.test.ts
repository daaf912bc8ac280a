import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { loadPlugins } from "../../../src/app/plugin-loading.ts";
import { load } from "../../../src/config/load.ts";

const folder = join(import.meta.dirname, "../../../manifests");
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const plain = read("aceso.yaml");
const openstack = read("aceso-openstack.yaml");

interface Document {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
}

const documents: readonly Document[] = parseAllDocuments(openstack).map((one) => one.toJS());
const shipped = documents.find(({ kind }) => kind === "ConfigMap")?.data?.["config.yaml"] ?? "";

/** The texts between the lines `---`, without those that are this manifest's own: its head and the ConfigMap. */
function common(manifest: string): string[] {
  const parts = manifest.split(/^---\n/m).filter((part) => !/^kind: ConfigMap$/m.test(part));
  return parts.map((part, index) => (index === 0 ? part.slice(part.indexOf("apiVersion:")) : part));
}

test("but for its head and the ConfigMap it is manifests/aceso.yaml, comments included", () => {
  expect(common(openstack)).toEqual(common(plain));
  expect(documents.filter(({ kind }) => kind === "ConfigMap")).toHaveLength(1);
});

describe("its configuration", () => {
  const loaded = async (text: string) => load(text, { file: "config.yaml", registry: await loadPlugins() });

  test("loads, does nothing until a person says so, and warns about the password in it", async () => {
    const config = await loaded(shipped);
    expect(config.provider?.id).toBe("openstack");
    expect(config.policy.isDryRun).toBe(true);
    expect(config.warnings.join("\n")).toContain("openstack.password");
  });

  test("with the password in the Secret it loads without that warning", async () => {
    const other = shipped.replace(/^ *password: .*\n/m, "").replace("# password-file:", "password-file:");
    const config = await loaded(other);
    expect(config.provider?.params).toMatchObject({ "password-file": "/etc/aceso-credentials/password" });
    expect(config.warnings.join("\n")).not.toContain("password");
  });

  test("loads with every commented key put in", async () => {
    const whole = shipped
      .replace(/^ *password: .*\n/m, "")
      .replaceAll(/# (?=(?:password-file|ca-file|stack|machines): )/g, "");
    const config = await loaded(whole);
    expect(config.provider?.params).toMatchObject({ stack: "k8s-nodes", machines: { cluster: "k8s" } });
  });

  test("is probed where the DaemonSet looks, as the plain one", () => {
    const ownText = parseAllDocuments(plain)
      .map((one) => one.toJS() as Document)
      .find(({ kind }) => kind === "ConfigMap")?.data?.["config.yaml"];
    expect(parse(shipped).http).toEqual(parse(ownText ?? "").http);
  });
});
