import { writeFile } from "node:fs/promises";

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
function toKubeconfig(access: ApiAccess, user: string): string {
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
