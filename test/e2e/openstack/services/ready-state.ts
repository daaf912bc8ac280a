import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../support/lock.ts";
import { quoted, sql } from "./database.ts";
import { type ApiService, catalogPath, host, type Layout, planLayout } from "./layout.ts";
import { packageVersions, unpackInto } from "./packages.ts";
import { prepareState, readyParts } from "./prepare.ts";
import { Processes } from "./processes.ts";
import { databaseUrl, messagesUrl } from "./settings/ini.ts";
import { writeSettings } from "./settings/write.ts";

/** What takes long, made once: the unpacked packages, and the state of services that have run once. */
export interface Ready {
  readonly packages: string;
  readonly state: string;
}

const ownSources = ["database.ts", "layout.ts", "prepare.ts", "ready-state.ts", "seed.ts"];
const keptDays = 14;

/** Finds the ready state of these packages and sources in the cache, or makes it (about a minute and a half). */
export async function findReady(say: (line: string) => void): Promise<Ready> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "aceso", "openstack");
  const versions = await packageVersions();
  const packages = join(cache, `packages-${digest(versions)}`);
  const sources = await Promise.all(ownSources.map((name) => readFile(join(import.meta.dirname, name), "utf8")));
  const state = join(cache, `zed-${digest(versions, ...sources)}`);
  await mkdir(cache, { recursive: true });
  await withLock(join(cache, ".lock"), { say, what: "another process prepares OpenStack" }, async () => {
    await unpackInto(packages);
    if (!(await isThere(state))) {
      say(`preparing OpenStack's databases (once, about a minute and a half, kept in ${state})`);
      await makeReady({ packages, state });
    }
    await forgetOld(cache, [packages, state]);
  });
  return { packages, state };
}

async function makeReady({ packages, state }: Ready): Promise<void> {
  const layout = await planLayout(await mkdtemp(join(tmpdir(), "aceso-e2e-")), packages);
  const processes = new Processes(layout);
  const temporary = await mkdtemp(`${state}.new-`);
  try {
    await writeSettings(layout);
    await prepareState(layout, processes);
    await copyParts(layout.dir, temporary);
    await rename(temporary, state);
  } finally {
    await processes.killAll();
    await rm(temporary, { recursive: true, force: true });
    await rm(layout.dir, { recursive: true, force: true });
  }
}

/** Puts a copy of the ready state into the folder of one start. */
export async function copyReady(ready: Ready, layout: Layout): Promise<void> {
  await copyParts(ready.state, layout.dir);
}

async function copyParts(from: string, to: string): Promise<void> {
  for (const part of readyParts) await cp(join(from, part), join(to, part), { recursive: true });
}

const catalogTypes: Readonly<Record<string, ApiService>> = {
  identity: "keystone",
  placement: "placement",
  image: "glance",
  network: "neutron",
  compute: "nova",
  orchestration: "heat",
  "container-infra": "magnum",
  volumev3: "cinder",
};

/** Writes this start's ports over those of the day the state was made; the database must run, and nothing else. */
export async function moveToPorts(layout: Layout): Promise<void> {
  const endpoints = Object.entries(catalogTypes).map(([type, service]) => {
    const url = quoted(`http://${host}:${layout.ports[service]}${catalogPath(service)}`);
    return `update endpoint join service on endpoint.service_id = service.id set url = ${url} where type = ${quoted(type)};`;
  });
  await sql(layout, endpoints.join("\n"), "keystone");
  const cells = [
    `update cell_mappings set database_connection = ${quoted(databaseUrl(layout, "nova_cell0"))} where name = 'cell0';`,
    `update cell_mappings set database_connection = ${quoted(databaseUrl(layout, "nova"))}, ` +
      `transport_url = ${quoted(messagesUrl(layout))} where name = 'cell1';`,
  ];
  await sql(layout, cells.join("\n"), "nova_api");
}

async function forgetOld(cache: string, kept: readonly string[]): Promise<void> {
  const now = new Date();
  for (const path of kept) await utimes(path, now, now);
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const { mtimeMs } = await stat(path);
    const isOld = now.getTime() - mtimeMs > keptDays * 24 * 3_600_000;
    if (isOld && !kept.includes(path)) await rm(path, { recursive: true, force: true });
  }
}

function digest(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 12);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
