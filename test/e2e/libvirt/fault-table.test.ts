import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connection } from "../../../plugins/providers/libvirt/rpc/connection.ts";
import { openConnection } from "../../../plugins/providers/libvirt/rpc/open-connection.ts";
import {
  type Domain,
  type Pool,
  type Procedure,
  procedures,
  type Volume,
} from "../../../plugins/providers/libvirt/rpc/procedures.ts";
import { parseConnectionUri } from "../../../plugins/providers/libvirt/rpc/uri.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { eventually } from "../../support/eventually.ts";
import { findFreePort } from "../../support/free-port.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { baseImage, type LibvirtHost, pools, socket, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { actOn, makeProvider, never, powerOf } from "./provider-rig.ts";

const run = promisify(execFile);
let host: LibvirtHost;
let guest: Guest;
let connection: Connection;
let domain: Domain;

beforeAll(async () => {
  host = await startLibvirtHost({ guests: 1 });
  guest = host.guests[0]!;
  connection = await open("qemu:///system");
});

afterAll(async () => {
  await connection?.close();
  await host?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  if ((await host.virsh("domstate", guest.name)) !== "running") await host.virsh("start", guest.name, "--force-boot");
  domain = await call(procedures.domainByName, guest.name);
});

function open(uri: string, isReadOnly = false): Promise<Connection> {
  const options = { isReadOnly, timeoutMs: 10_000, signal: never };
  return openConnection(parseConnectionUri(uri, options), systemClock, options);
}

function call<Args extends readonly unknown[], Answer>(
  procedure: Procedure<Args, Answer>,
  ...args: Args
): Promise<Answer> {
  return connection.call(procedure, args, { timeoutMs: 60_000, signal: never, on: guest.name });
}

/** libvirt's own answer, and what the plugin makes of it. */
const answer = (number: number, area: number, remedy: string, words: RegExp) => ({
  number,
  area,
  remedy,
  message: expect.stringMatching(words),
});

/** A pool in a folder of its own, for the time of a test. */
async function somePool(name: string, folder: string): Promise<Pool & AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  await host.virsh("pool-create-as", name, "dir", "--target", folder);
  const dispose = async () => {
    await host.virsh("pool-destroy", name).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  return { ...(await call(procedures.poolByName, name)), [Symbol.asyncDispose]: dispose };
}

const volume = (name: string, more = "") =>
  `<volume><name>${name}</name><capacity>1048576</capacity>${more}<target><format type='raw'/></target></volume>`;

describe("what the real daemon answers, and what is made of it", () => {
  test("a domain that is not there", async () => {
    await expect(call(procedures.domainByUuid, randomBytes(16))).rejects.toMatchObject(
      answer(42, 10, "give-up", /Domain not found: no domain with matching uuid/),
    );
  });

  test("a state that is reached already", async () => {
    await expect(call(procedures.create, domain, 8)).rejects.toMatchObject({ number: 55, remedy: "re-read" });
    await host.virsh("destroy", guest.name);
    await expect(call(procedures.destroy, domain, 0)).rejects.toMatchObject({ number: 55, remedy: "re-read" });
  });

  test("no such pool, no such volume, a volume of no pool", async () => {
    const pool = await call(procedures.poolByName, pools.nodes);
    await expect(call(procedures.poolByName, "nothing")).rejects.toMatchObject(
      answer(49, 18, "ask-operator", /Storage pool not found/),
    );
    await expect(call(procedures.volumeByName, pool, "nothing")).rejects.toMatchObject(
      answer(50, 18, "ask-operator", /Storage volume not found/),
    );
    await expect(call(procedures.volumeByPath, "/nothing")).rejects.toMatchObject(
      answer(50, 18, "ask-operator", /no storage vol with matching path/),
    );
  });

  test("a pool that is stopped", async () => {
    const pool = await call(procedures.poolByName, pools.nodes);
    await host.virsh("pool-destroy", pools.nodes);
    await expect(call(procedures.volumeByName, pool, "x")).rejects.toMatchObject(
      answer(55, 18, "ask-operator", /storage pool '.*' is not active/),
    );
    await host.virsh("pool-start", pools.nodes);
  });

  test("a volume that is there already, known or not", async () => {
    await using pool = await somePool("aceso-e2e-twice", join(hostFolder, "twice"));
    await call(procedures.createVolume, pool, volume("known.raw"));
    await expect(call(procedures.createVolume, pool, volume("known.raw"))).rejects.toMatchObject(
      answer(90, 18, "retry", /storage volume '?known.raw'? exists already/),
    );
    await writeFile(join(hostFolder, "twice", "unknown.raw"), "");
    await expect(call(procedures.createVolume, pool, volume("unknown.raw"))).rejects.toMatchObject(
      answer(55, 18, "retry", /already exists/),
    );
  });

  test("a volume that is being copied", async () => {
    const folder = join(hostFolder, "copies");
    await using pool = await somePool("aceso-e2e-copies", folder);
    // enough to be met at work
    await writeFile(`${folder}/raw`, Buffer.alloc(256 * 1024 ** 2, 0x55));
    await run("qemu-img", ["convert", "-q", "-f", "raw", "-O", "qcow2", `${folder}/raw`, `${folder}/from.qcow2`]);
    await host.virsh("pool-refresh", pool.name);
    const cloning = host.virsh("vol-clone", "from.qcow2", "to.qcow2", "--pool", pool.name);
    const pid = await eventually("it is copied", () => childOf(host.daemon().pid, `${folder}/to.qcow2`), {
      everyMs: 2,
    });
    process.kill(pid, "SIGSTOP");
    try {
      const named = (name: string): Volume => ({ pool: pool.name, name, key: `${folder}/${name}` });
      await expect(call(procedures.deleteVolume, named("from.qcow2"))).rejects.toMatchObject(
        answer(55, 18, "retry", /is still in use/),
      );
      await expect(call(procedures.deleteVolume, named("to.qcow2"))).rejects.toMatchObject(
        answer(55, 18, "retry", /is still being allocated/),
      );
    } finally {
      process.kill(pid, "SIGCONT");
      await cloning;
    }
  });

  test("a base image that is missing when a volume is made, and when its machine starts", async () => {
    const pool = await call(procedures.poolByName, pools.nodes);
    const onNothing = volume("x.qcow2", "")
      .replace("</volume>", "<backingStore><path>/nothing</path><format type='qcow2'/></backingStore></volume>")
      .replace("'raw'", "'qcow2'");
    await expect(call(procedures.createVolume, pool, onNothing)).rejects.toMatchObject(
      answer(38, 18, "ask-operator", /inaccessible backing store volume \/nothing/),
    );
    await host.virsh("destroy", guest.name);
    await rename(baseImage, `${baseImage}.away`);
    try {
      await expect(call(procedures.create, domain, 8)).rejects.toMatchObject(
        answer(38, 18, "ask-operator", /Cannot access (storage|backing) file/),
      );
      expect(await call(procedures.domainState, domain, 0)).toEqual({ state: 5, reason: 6 });
    } finally {
      await rename(`${baseImage}.away`, baseImage);
    }
  });

  test("no space left", async () => {
    // memory, so that nothing else runs out of room; asked for more than there can ever be
    await using pool = await somePool("aceso-e2e-full", "/dev/shm/aceso-libvirt");
    const tib = 1024 ** 4;
    const large = volume("large.raw", `<allocation>${64 * tib}</allocation>`).replace("1048576", String(64 * tib));
    await expect(call(procedures.createVolume, pool, large)).rejects.toMatchObject({
      number: 38,
      area: 18,
      remedy: "ask-operator",
    });
  });

  test("a definition that lacks something, and one that is no XML", async () => {
    const pool = await call(procedures.poolByName, pools.nodes);
    const withoutSize = volume("x").replace("<capacity>1048576</capacity>", "");
    const refusal = (number: number) => ({ number, remedy: "give-up" });
    await expect(call(procedures.createVolume, pool, withoutSize)).rejects.toMatchObject(refusal(27));
    await expect(call(procedures.createVolume, pool, "<volume>")).rejects.toMatchObject(refusal(35));
  });

  test("an agent in the guest that is not there", async () => {
    const throughAgent = 2;
    await expect(call(procedures.reboot, domain, throughAgent)).rejects.toMatchObject(
      answer(74, 10, "give-up", /QEMU guest agent is not configured/),
    );
  });

  test("a connection that may only read", async () => {
    const reader = await open("qemu:///system", true);
    const options = { timeoutMs: 10_000, signal: never, on: guest.name };
    await expect(reader.call(procedures.destroy, [domain, 0], options)).rejects.toMatchObject(
      answer(29, 20, "ask-operator", /read only access prevents .*; the connection may only read/),
    );
    expect(await reader.call(procedures.domainState, [domain, 0], options)).toMatchObject({ state: 1 });
    await reader.close();
  });

  test("a QEMU that hangs holds the job for 30 s; one that dies meanwhile takes the call with it", async () => {
    const pid = await host.qemuPidOf(guest);
    process.kill(pid, "SIGSTOP");
    const told: unknown[] = [];
    const resets = [1, 2].map(() => call(procedures.reset, domain, 0).catch((error: unknown) => told.push(error)));
    await Promise.race(resets);
    expect(told).toEqual([expect.objectContaining(answer(68, 0, "retry", /cannot acquire state change lock/))]);
    expect(await call(procedures.domainState, domain, 0)).toMatchObject({ state: 1 });
    process.kill(pid, "SIGKILL");
    await Promise.all(resets);
    expect(told[1]).toMatchObject({ area: 10, remedy: "re-read" });
    await eventually("it is read off", async () => (await call(procedures.domainState, domain, 0)).state === 5);
  });
});

describe("a socket that cannot be opened", () => {
  test("because nobody listens is tried again", async () => {
    for (const uri of ["qemu:///system?socket=/run/nothing", `qemu+tcp://127.0.0.1:${await findFreePort()}/system`]) {
      await expect(open(uri)).rejects.toMatchObject({ remedy: "retry", isConfiguration: false });
    }
  });

  test("because of our user is a matter of configuration", async () => {
    const { mode } = await stat(socket);
    await chmod(socket, 0o700);
    process.seteuid?.(65_534);
    try {
      await expect(open("qemu:///system")).rejects.toMatchObject({
        remedy: "ask-operator",
        isConfiguration: true,
        message: expect.stringContaining("EACCES"),
      });
    } finally {
      process.seteuid?.(0);
      await chmod(socket, mode);
    }
  });
});

test("a machine that somebody switches off or on in the middle of our act is as it was to be", async () => {
  const provider = await makeProvider({ uris: ["qemu:///system"] });
  await provider.powerOff?.(actOn(guest, { mayAct: async () => void (await host.virsh("destroy", guest.name)) }));
  expect(await powerOf(provider, guest)).toBe("off");
  await provider.powerOn?.(actOn(guest, { mayAct: async () => void (await host.virsh("start", guest.name)) }));
  expect(await powerOf(provider, guest)).toBe("on");
  await provider.close?.();
});

/** The child of a process that has this in its arguments. */
async function childOf(parent: number, argument: string): Promise<number | undefined> {
  for (const thread of await readdir(`/proc/${parent}/task`)) {
    const children = await readFile(`/proc/${parent}/task/${thread}/children`, "utf8").catch(() => "");
    for (const pid of children.trim().split(" ")) {
      const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (words.includes(argument)) return Number(pid);
    }
  }
  return undefined;
}
