import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { loadPlugins } from "../../../src/app/plugin-loading.ts";
import type { Config } from "../../../src/config/config.ts";
import { load } from "../../../src/config/load.ts";

const folder = join(import.meta.dirname, "../../../manifests");

interface Document {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** A file in the folder `manifests`. */
export const readManifest = (name: string) => readFileSync(join(folder, name), "utf8");

/** What is between the lines `---`, comments included, without what is a manifest's own: its head and the ConfigMap. */
export function commonParts(manifest: string): string[] {
  const parts = manifest.split(/^---\n/m).filter((part) => !/^kind: ConfigMap$/m.test(part));
  return parts.map((part, index) => (index === 0 ? part.slice(part.indexOf("apiVersion:")) : part));
}

export function configMaps(manifest: string): readonly Document[] {
  const documents = parseAllDocuments(manifest).map((one) => one.toJS() as Document);
  return documents.filter(({ kind }) => kind === "ConfigMap");
}

/** The configuration that a manifest brings. */
export function shippedConfig(manifest: string): string {
  return configMaps(manifest)[0]?.data?.["config.yaml"] ?? "";
}

export async function loaded(text: string): Promise<Config> {
  return load(text, { file: "config.yaml", registry: await loadPlugins() });
}
