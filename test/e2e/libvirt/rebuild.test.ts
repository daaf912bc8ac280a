import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { startProxy } from "../../support/libvirt-host/proxy.ts";
import {
  baseImage,
  bootPatience,
  type LibvirtHost,
  pools,
  socket,
  startLibvirtHost,
} from "../../support/libvirt-host/start.ts";
import { startOwned } from "../../support/processes.ts";
import { actOn, makeProvider } from "./provider-rig.ts";

let host: LibvirtHost;
let guest: Guest;

beforeAll(async () => {
  host = await startLibvirtHost({ guests: 1 });
  guest = host.guests[0]!;
});

afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await host.renew(guest);
});

const identity = async () => {
  const definition = await host.virsh("dumpxml", guest.name, "--inactive");
  return [/<uuid>(.*)<\/uuid>/, /<mac address='(.*)'\/>/, /<name>(.*)<\/name>/].map((it) => it.exec(definition)?.[1]);
};
const untilItBooted = (boots: number) =>
  eventually(`boot ${boots}`, async () => (await host.bootsOf(guest)).at(-1) === boots, {
    ...bootPatience,
    everyMs: 50,
  });
const startRebuild = async (uri: string) => {
  const script = fileURLToPath(new URL("./rebuild-process.ts", import.meta.url));
  const args = ["--disable-warning=ExperimentalWarning", script, uri, JSON.stringify(guest)];
  return (await startOwned({ name: "rebuild", command: process.execPath, args })).owned;
};
const rebuild = async (uri = "qemu:///system", section = {}) => {
  const provider = await makeProvider({ uris: [uri], ...section });
  try {
    await provider.rebuild?.(actOn(guest));
  } finally {
    await provider.close?.();
  }
};

test("the disk is new: the guest counts from 1 again; UUID, address and name are the same, the capacity is ours", async () => {
  await host.virsh("reset", guest.name);
  await untilItBooted(2);
  const before = await identity();
  await host.clearBoots(guest);
  await rebuild();
  await untilItBooted(1);
  expect(await identity()).toEqual(before);
  expect(before).toEqual([guest.uuid, guest.mac, guest.name]);
  expect(await host.virsh("vol-info", `${guest.name}.qcow2`, pools.nodes)).toMatch(/Capacity: +2\.00 GiB/);
  expect(await host.virsh("vol-dumpxml", `${guest.name}.qcow2`, pools.nodes)).toContain(`<path>${baseImage}</path>`);
});

test.each([
  ["destroy", 234, "retry"],
  ["the volume's deletion", 94, "retry"],
  ["the volume's creation", 93, "retry"],
  ["the start", 196, "re-read"],
])("cut off after %s and begun again by another process, it comes to the same end", async (_, procedure, remedy) => {
  await using proxy = await startProxy(join(hostFolder, "proxy.sock"), socket);
  proxy.after = (answered) => (answered === procedure ? "lost" : undefined);
  await expect(rebuild(proxy.uri)).rejects.toMatchObject({ remedy });
  await host.clearBoots(guest);
  await rebuild();
  await untilItBooted(1);
});

test("a process that is killed after each of its acts, and another in its place each time: the guest is rebuilt", async () => {
  const before = await identity();
  await host.clearBoots(guest);
  await using proxy = await startProxy(join(hostFolder, "proxy.sock"), socket);
  for (const procedure of [234, 94, 93, 196]) {
    const child = await startRebuild(proxy.uri);
    proxy.after = (answered) => {
      if (answered !== procedure) return undefined;
      child.signal("SIGKILL");
      return "lost";
    };
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
  }
  proxy.after = () => undefined;
  const last = await startRebuild(proxy.uri);
  expect(await last.exited).toEqual({ code: 0, signal: null });
  await untilItBooted(1);
  expect(new Set(await host.bootsOf(guest))).toEqual(new Set([1]));
  expect(await identity()).toEqual(before);
});

test("a saved, paused or hung guest is rebuilt all the same", async () => {
  await host.virsh("managedsave", guest.name);
  await host.clearBoots(guest);
  await rebuild();
  await untilItBooted(1);
  await host.virsh("suspend", guest.name);
  await host.clearBoots(guest);
  await rebuild();
  await untilItBooted(1);
  process.kill(await host.qemuPidOf(guest), "SIGSTOP");
  await host.clearBoots(guest);
  await rebuild();
  await untilItBooted(1);
});

test("a file that vanished behind libvirt's back is no obstacle: the pool is read anew first", async () => {
  await rm(join(hostFolder, "nodes", `${guest.name}.qcow2`));
  await host.clearBoots(guest);
  await rebuild();
  await untilItBooted(1);
});

test("what forbids it is said before anything is touched", async () => {
  const refused = async (message: RegExp, section = {}) => {
    await expect(rebuild("qemu:///system", section)).rejects.toThrow(message);
    expect(await host.virsh("domstate", guest.name)).toBe("running");
    expect(await host.virsh("vol-list", pools.nodes)).toContain(`${guest.name}.qcow2`);
  };
  await rename(baseImage, `${baseImage}.away`);
  await refused(/no storage vol with matching path .*base\.qcow2/);
  await rename(`${baseImage}.away`, baseImage);
  await host.virsh("pool-refresh", pools.images);
  await host.virsh("vol-create-as", pools.images, "large.qcow2", "3G", "--format", "qcow2");
  const large = join(hostFolder, "images", "large.qcow2");
  await refused(/large\.qcow2 has 3 GiB, more than libvirt\.capacity-gib/, { "base-image": large });
  await host.virsh("snapshot-create-as", guest.name, "before");
  await refused(/it has 1 snapshots/);
  await host.virsh("snapshot-delete", guest.name, "before");
  await host.virsh("undefine", guest.name, "--snapshots-metadata");
  await refused(/the domain is transient/);
});

test("a pool that is stopped is said before anything is touched", async () => {
  await host.virsh("pool-destroy", pools.nodes);
  await expect(rebuild()).rejects.toThrow(`storage pool ${pools.nodes} is not active`);
  await host.virsh("pool-start", pools.nodes);
  expect(await host.virsh("domstate", guest.name)).toBe("running");
  expect(await host.virsh("vol-list", pools.nodes)).toContain(`${guest.name}.qcow2`);
});
