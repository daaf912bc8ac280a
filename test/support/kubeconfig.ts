import { readFile, writeFile } from "node:fs/promises";
import { parse } from "yaml";

/** How to reach API servers and as whom. All text is PEM, not base64. */
export interface ApiAccess {
  /** At least one; the next is tried when one does not answer. */
  readonly servers: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

/** The kubeconfig's text (JSON, which is YAML) for the first server of an access. */
export function toKubeconfig(access: ApiAccess, user: string): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const cluster = {
    server: access.servers[0],
    ...(access.ca === undefined ? {} : { "certificate-authority-data": base64(access.ca) }),
  };
  const credentials = {
    ...(access.cert === undefined ? {} : { "client-certificate-data": base64(access.cert) }),
    ...(access.key === undefined ? {} : { "client-key-data": base64(access.key) }),
    ...(access.token === undefined ? {} : { token: access.token }),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "e2e", cluster }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user } }],
    "current-context": "e2e",
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

export async function writeKubeconfig(file: string, access: ApiAccess, user: string): Promise<string> {
  await writeFile(file, toKubeconfig(access, user), { mode: 0o600 });
  return file;
}

/** The current context of a kubeconfig whose credentials are written inline. @throws Error when it is not one */
export async function readKubeconfig(file: string): Promise<ApiAccess> {
  const config = parse(await readFile(file, "utf8"));
  const context = byName(config.contexts, config["current-context"])?.context;
  const cluster = byName(config.clusters, context?.cluster)?.cluster;
  const user = byName(config.users, context?.user)?.user ?? {};
  if (typeof cluster?.server !== "string") throw new Error(`${file} names no server in its current context`);
  return {
    servers: [cluster.server],
    ...fromBase64("ca", cluster["certificate-authority-data"]),
    ...fromBase64("cert", user["client-certificate-data"]),
    ...fromBase64("key", user["client-key-data"]),
    ...(typeof user.token === "string" ? { token: user.token } : {}),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a kubeconfig is read here and nowhere else
function byName(list: any, name: unknown): any {
  return Array.isArray(list) ? list.find((entry) => entry?.name === name) : undefined;
}

function fromBase64(key: "ca" | "cert" | "key", value: unknown): Record<string, string> {
  return typeof value === "string" ? { [key]: Buffer.from(value, "base64").toString() } : {};
}
