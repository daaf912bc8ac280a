import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Authority, makeKeyPair } from "../certificates.ts";
import { findFreePort } from "../free-port.ts";
import { writeKubeconfig } from "../kubeconfig.ts";

/** Files and ports of one control plane, picked before anything starts. */
export interface Layout {
  readonly dir: string;
  readonly servers: readonly string[];
  readonly kubeconfigs: readonly string[];
  readonly auditPolicy: string;
  readonly auditLogs: readonly string[];
  readonly ports: {
    readonly api: readonly number[];
    readonly etcdClient: number;
    readonly etcdPeer: number;
    readonly controllerManager: number;
    readonly scheduler: number;
  };
  file(name: string): string;
}

export async function planLayout(dir: string, apiServers: number): Promise<Layout> {
  const api: number[] = [];
  for (let index = 0; index < apiServers; index += 1) api.push(await findFreePort());
  return {
    dir,
    servers: api.map((port) => `https://127.0.0.1:${port}`),
    kubeconfigs: api.map((_, index) => join(dir, index === 0 ? "admin.kubeconfig" : `admin-${index}.kubeconfig`)),
    auditPolicy: join(dir, "audit-policy.json"),
    auditLogs: api.map((_, index) => join(dir, "log", `audit-${index}.log`)),
    ports: {
      api,
      etcdClient: await findFreePort(),
      etcdPeer: await findFreePort(),
      controllerManager: await findFreePort(),
      scheduler: await findFreePort(),
    },
    file: (name) => join(dir, "pki", name),
  };
}

/** Writes keys, certificates and kubeconfigs. `run/owner` says whose it is, for those who clean up after a crash. */
export async function writeFiles(layout: Layout, authority: Authority): Promise<void> {
  for (const folder of ["pki", "log", "run"]) await mkdir(join(layout.dir, folder));
  await writeFile(join(layout.dir, "run", "owner"), `${process.pid}\n`);
  const serving = authority.issue({
    commonName: "kube-apiserver",
    altNames: ["127.0.0.1", "10.96.0.1", "localhost", "kubernetes.default.svc"],
  });
  const tokens = makeKeyPair();
  const files = {
    "ca.crt": authority.cert,
    "ca.key": authority.key,
    "apiserver.crt": serving.cert,
    "apiserver.key": serving.key,
    "sa.pub": tokens.publicKey,
    "sa.key": tokens.privateKey,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(layout.file(name), text, { mode: 0o600 });

  const write = (file: string, user: string, server: string, groups: readonly string[]) => {
    const issued = authority.issue({ commonName: user, organizations: groups });
    return writeKubeconfig(file, { servers: [server], ca: authority.cert, ...issued }, user);
  };
  // tests kill the first ones
  const last = layout.servers.at(-1) ?? "";
  for (const [index, file] of layout.kubeconfigs.entries()) {
    await write(file, "admin", layout.servers[index] ?? "", ["system:masters"]);
  }
  await write(layout.file("controller-manager.kubeconfig"), "system:kube-controller-manager", last, []);
  await write(layout.file("scheduler.kubeconfig"), "system:kube-scheduler", last, []);
}
