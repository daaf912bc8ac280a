import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../../../support/free-port.ts";

/** Everything that listens. */
export const listeners = [
  "database",
  "messages",
  "messagesPeers",
  "erlangNames",
  "keystone",
  "placement",
  "glance",
  "neutron",
  "nova",
  "heat",
  "magnum",
  "cinder",
  "hand",
] as const;
export type Listener = (typeof listeners)[number];

/** The services among the listeners that have an entry in Keystone's catalog. */
export type ApiService = Extract<
  Listener,
  "keystone" | "placement" | "glance" | "neutron" | "nova" | "heat" | "magnum" | "cinder"
>;

export const host = "127.0.0.1";
export const region = "RegionOne";
/** Of every account; nothing of it is reachable from outside this machine. */
export const password = "aceso-e2e";

/**
 * `steady` holds one host that no test touches. A test file that kills hosts has a zone of its own, for files run beside
 * each other; its hosts are started when the first server is put there. Whoever evacuates needs two.
 */
export const computeHosts = [
  { name: "compute-1", zone: "steady" },
  { name: "compute-2", zone: "risky-1" },
  { name: "compute-3", zone: "risky-1" },
  { name: "compute-4", zone: "risky-2" },
  { name: "compute-5", zone: "risky-2" },
  { name: "compute-6", zone: "risky-3" },
  { name: "compute-7", zone: "risky-3" },
  { name: "compute-8", zone: "risky-4" },
] as const;
export type ComputeHost = (typeof computeHosts)[number]["name"];
export type Zone = (typeof computeHosts)[number]["zone"];

/** Files and ports of one set of services. Plain data, so that it can be handed to other processes. */
export interface Layout {
  /** Everything below it is theirs: data, logs, sockets, machines. */
  readonly dir: string;
  /** Unpacked files of Debian packages that are not installed. */
  readonly packages: string;
  readonly ports: Readonly<Record<Listener, number>>;
}

const folders = ["etc", "log", "run", "machines", "faults", "python", "lock", "nova", "neutron", "cinder", "messages"];

/** Picks ports and makes the folders. `run/owner` says whose it is, for those who clean up after a crash. */
export async function planLayout(dir: string, packages: string): Promise<Layout> {
  const entries: [Listener, number][] = [];
  for (const name of listeners) entries.push([name, await findFreePort(host)]);
  for (const name of folders) await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, "run", "owner"), `${process.pid}\n`);
  // fromEntries forgets the keys' type
  return { dir, packages, ports: Object.fromEntries(entries) as Record<Listener, number> };
}

/** Path in the folder. */
export function file(layout: Layout, ...names: readonly string[]): string {
  return join(layout.dir, ...names);
}

/** Path of a file of a package that was only unpacked. */
export function packaged(layout: Layout, path: string): string {
  return join(layout.packages, path);
}

const paths: Readonly<Record<ApiService, string>> = {
  keystone: "/v3",
  placement: "",
  glance: "",
  neutron: "",
  nova: "/v2.1",
  heat: "/v1",
  magnum: "/v1",
  cinder: "/v3",
};

/** Address of a service itself, as `http://127.0.0.1:20001/v2.1`; a project's id follows for Heat and Cinder. */
export function urlOf(layout: Layout, service: ApiService): string {
  return `http://${host}:${layout.ports[service]}${paths[service]}`;
}

/** Path of the service's catalog entry; `%(tenant_id)s` is filled in by Keystone. */
export function catalogPath(service: ApiService): string {
  return service === "heat" || service === "cinder" ? `${paths[service]}/%(tenant_id)s` : paths[service];
}
