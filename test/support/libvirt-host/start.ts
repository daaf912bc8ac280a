import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeAuthority } from "../certificates.ts";
import { eventually } from "../eventually.ts";
import { findFreePort } from "../free-port.ts";
import type { Owned } from "../processes.ts";
import { bootImage, type Guest, guestDefinition, guestNumber, ourUuids } from "./guest.ts";
import { endLeftoverDaemons } from "./leftovers.ts";
import { startLibvirtd, startVirtlogd } from "./libvirtd.ts";
import { takeLock } from "./lock.ts";
import { hostFolder as folder, installPackages } from "./packages.ts";

const run = promisify(execFile);
const ourPools = "aceso-e2e-";
export const pools = { images: `${ourPools}images`, nodes: `${ourPools}nodes` };
export const baseImage = join(folder, "images", "base.qcow2");
export const password = "s3cret-e2e";
/** libvirt's own, where nothing else is configured. */
export const socket = "/run/libvirt/libvirt-sock";

/** A guest boots in two to four seconds, on a machine with nothing else to do: the processor is emulated. */
export const bootPatience = { withinMs: 90_000 } as const;

/** A real libvirtd with real QEMU guests, on this machine. */
export interface LibvirtHost extends AsyncDisposable {
  readonly guests: readonly Guest[];
  readonly tcpUri: string;
  /** With the client's certificate that the daemon accepts, or with one of another authority. */
  tlsUri(client: "ours" | "strangers"): string;
  /** Runs virsh, the oracle. @returns what it printed, trimmed. @throws Error with its words */
  virsh(...args: readonly string[]): Promise<string>;
  /** The numbers that a guest printed since its serial line was last cleared. */
  bootsOf(guest: Guest): Promise<readonly number[]>;
  clearBoots(guest: Guest): Promise<void>;
  qemuPidOf(guest: Guest): Promise<number>;
  /** A new disk over the base image, the guest defined anew and booted for the first time. */
  renew(guest: Guest): Promise<void>;
  /** The daemon's process. */
  daemon(): Owned;
  /** Starts the daemon again after it ended. */
  startDaemon(): Promise<void>;
}

/**
 * Takes the lock, clears what an earlier run left, starts the daemons, and boots the guests.
 *
 * @param options guests: their names, or how many
 */
export async function startLibvirtHost(options: {
  guests: number | readonly string[];
  wantsPassword?: boolean;
}): Promise<LibvirtHost> {
  const lock = await takeLock("/run/aceso-libvirt-e2e.lock");
  await installPackages();
  await endLeftoverDaemons(folder);
  const owned: Owned[] = [];
  let daemon: Owned | undefined;
  const settings = {
    folder,
    tcpPort: await findFreePort(),
    tlsPort: await findFreePort(),
    wantsPassword: options.wantsPassword === true,
  };
  const startDaemon = async () => {
    daemon = await startLibvirtd(settings, () => virsh("version").then(() => true));
  };
  const stop = async () => {
    if (daemon?.isAlive() === true) await clear();
    for (const it of [daemon, ...owned]) await it?.kill();
    await rm(folder, { recursive: true, force: true });
    await lock[Symbol.asyncDispose]();
  };
  try {
    await makeFolders(settings.wantsPassword);
    owned.push(await startVirtlogd(folder));
    await startDaemon();
    await clear();
    await makePools();
    const names: readonly (string | undefined)[] =
      typeof options.guests === "number" ? Array.from({ length: options.guests }) : options.guests;
    const guests = names.map((name, index) => guestNumber(index, name));
    for (const guest of guests) await renew(guest);
    return {
      guests,
      tcpUri: `qemu+tcp://127.0.0.1:${settings.tcpPort}/system`,
      tlsUri: (client) => `qemu+tls://localhost:${settings.tlsPort}/system?pkipath=${folder}/${client}`,
      virsh,
      bootsOf,
      clearBoots: (guest) => writeFile(serialOf(guest), ""),
      qemuPidOf: async ({ name }) => Number(await readFile(`/run/libvirt/qemu/${name}.pid`, "utf8")),
      renew,
      daemon: () => daemon as Owned,
      startDaemon,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function virsh(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("virsh", ["-q", "-c", "qemu:///system", ...args], {
    env: { ...process.env, LC_ALL: "C" },
  });
  return stdout.trim();
}

/** Ends and forgets every guest with a UUID of ours, and every pool with a name of ours. */
async function clear(): Promise<void> {
  const ours = async (mark: string, ...list: string[]) =>
    (await virsh(...list))
      .split("\n")
      .map((it) => it.trim())
      .filter((it) => it.startsWith(mark));
  for (const uuid of await ours(ourUuids, "list", "--uuid")) await virsh("destroy", uuid);
  for (const uuid of await ours(ourUuids, "list", "--all", "--uuid"))
    await virsh("undefine", uuid, "--managed-save", "--snapshots-metadata");
  for (const name of await ours(ourPools, "pool-list", "--name")) await virsh("pool-destroy", name);
  for (const name of await ours(ourPools, "pool-list", "--all", "--name")) await virsh("pool-undefine", name);
}

async function makeFolders(wantsPassword: boolean): Promise<void> {
  for (const name of ["images", "nodes", "pki", "ours", "strangers"])
    await mkdir(join(folder, name), { recursive: true });
  const authority = makeAuthority("aceso-e2e-libvirt");
  const server = authority.issue({ commonName: "localhost", altNames: ["localhost", "127.0.0.1"] });
  await writeFile(join(folder, "pki", "cacert.pem"), authority.cert);
  await writeFile(join(folder, "pki", "servercert.pem"), server.cert);
  await writeFile(join(folder, "pki", "serverkey.pem"), server.key);
  for (const [name, issuer] of [
    ["ours", authority],
    ["strangers", makeAuthority("strangers")],
  ] as const) {
    const client = issuer.issue({ commonName: "healer", organizations: ["aceso"] });
    await writeFile(join(folder, name, "cacert.pem"), authority.cert);
    await writeFile(join(folder, name, "clientcert.pem"), client.cert);
    await writeFile(join(folder, name, "clientkey.pem"), client.key);
  }
  if (wantsPassword) await makePasswords();
}

async function makePasswords(): Promise<void> {
  const database = join(folder, "passwd.db");
  await writeFile(join(folder, "libvirt.conf"), `mech_list: scram-sha-256\nsasldb_path: ${database}\n`);
  const asked = run("saslpasswd2", ["-p", "-a", "libvirt", "-f", database, "-c", "healer"]);
  asked.child.stdin?.end(password);
  await asked;
}

async function makePools(): Promise<void> {
  const raw = join(folder, "base.raw");
  await writeFile(raw, bootImage());
  await run("truncate", ["-s", "1G", raw]);
  await rm(baseImage, { force: true });
  await run("qemu-img", ["convert", "-q", "-f", "raw", "-O", "qcow2", raw, baseImage]);
  for (const [kind, name] of Object.entries(pools)) {
    await virsh("pool-define-as", name, "dir", "--target", join(folder, kind));
    await virsh("pool-start", name);
  }
}

async function renew(guest: Guest): Promise<void> {
  const { name } = guest;
  const isThere = await virsh("domstate", name).catch(() => undefined);
  if (isThere !== undefined) {
    await virsh("destroy", name).catch(() => {});
    await virsh("undefine", name, "--managed-save", "--snapshots-metadata").catch(() => {});
  }
  for (const pool of Object.values(pools)) await virsh("pool-refresh", pool);
  await virsh("vol-delete", `${name}.qcow2`, pools.nodes).catch(() => {});
  const backing = ["--backing-vol", baseImage, "--backing-vol-format", "qcow2"];
  await virsh("vol-create-as", pools.nodes, `${name}.qcow2`, "1G", "--format", "qcow2", ...backing);
  await writeFile(join(folder, "nodes", `${name}-seed.iso`), Buffer.alloc(64 * 1024));
  await writeFile(serialOf(guest), "");
  const definition = join(folder, `${name}.xml`);
  await writeFile(definition, guestDefinition(guest, folder));
  await virsh("define", definition);
  await virsh("start", name);
  await eventually(`${name} booted`, async () => (await bootsOf(guest)).length > 0, { ...bootPatience, everyMs: 50 });
}

function serialOf({ name }: Guest): string {
  return join(folder, `${name}.serial`);
}

async function bootsOf(guest: Guest): Promise<readonly number[]> {
  const text = await readFile(serialOf(guest), "utf8");
  return [...text.matchAll(/boot (\d+)\r?\n/g)].map(([, number]) => Number(number));
}
