import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { eventually } from "../../support/eventually.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { passphrase, type Sshd, startSshd } from "../../support/libvirt-host/sshd.ts";
import { type LibvirtHost, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { startTurnstile, type Turnstile } from "../../support/turnstile.ts";
import { actOn, makeProvider, never, nodeOf, powerOf } from "./provider-rig.ts";

const folder = join(hostFolder, "ssh");
let host: LibvirtHost;
let guest: Guest;
let sshd: Sshd;
/** Before sshd's port, to count. */
let door: Turnstile;

beforeAll(async () => {
  host = await startLibvirtHost({ guests: 1 });
  guest = host.guests[0]!;
  sshd = await startSshd(folder);
  door = await startTurnstile({ host: "127.0.0.1", port: sshd.port });
});

afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await sshd?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
});

async function knownHosts(name: string, lines: string): Promise<string> {
  const file = join(folder, `known_hosts_${name}`);
  await writeFile(file, lines);
  return file;
}

const lineOf = async (port: number, type: "ed25519" | "rsa" | "strangers") =>
  `[127.0.0.1]:${port} ${await sshd.hostKey(type)}\n`;

interface Way {
  readonly port?: number;
  readonly key?: "ours" | "locked" | "strangers";
  readonly known?: string;
  readonly more?: string;
}

async function uriOf({ port = door.port, key = "ours", known, more = "" }: Way = {}): Promise<string> {
  const hosts = known ?? (await knownHosts(`${port}`, await lineOf(port, "ed25519")));
  return `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${sshd.keyFile(key)}&known_hosts=${hosts}${more}`;
}

async function read(provider: Provider): Promise<string> {
  const { power, text } = await provider.observe(guest.uuid, nodeOf(guest), never);
  return `${power}: ${text}`;
}

async function readOnce(way: Way = {}, section: object = {}): Promise<string> {
  const provider = await makeProvider({ uris: [await uriOf(way)], ...section });
  try {
    return await read(provider);
  } finally {
    await provider.close?.();
  }
}

const isOn = (port = door.port) => `on: running (booted) on qemu+ssh://127.0.0.1:${port}/system`;

describe("the real daemon through a real sshd", () => {
  test("by forwarding, with a key that may run nothing", async () => {
    expect(await readOnce()).toBe(isOn());
  });

  test("with a locked key and its passphrase", async () => {
    const file = join(folder, "passphrase");
    await writeFile(file, `${passphrase}\n`);
    expect(await readOnce({ key: "locked", more: `&passphrase_file=${file}` })).toBe(isOn());
  });

  test("whose RSA key alone is known, though it has another that it would rather show", async () => {
    const known = await knownHosts("rsa", await lineOf(door.port, "rsa"));
    expect(await readOnce({ known })).toBe(isOn());
  });

  test("by libvirt's own program where forwarding is refused, reading only as well", async () => {
    const { helperPort } = sshd;
    expect(await readOnce({ port: helperPort })).toBe(isOn(helperPort));
    expect(await readOnce({ port: helperPort }, { "read-only": true })).toBe(isOn(helperPort));
  });

  test("heals: off and on again, through the same connection", async () => {
    const provider = await makeProvider({ uris: [await uriOf()] });
    const before = door.connections;
    await provider.powerOff?.(actOn(guest));
    expect([await host.virsh("domstate", guest.name), await powerOf(provider, guest)]).toEqual(["shut off", "off"]);
    await provider.powerOn?.(actOn(guest));
    expect([await host.virsh("domstate", guest.name), await powerOf(provider, guest)]).toEqual(["running", "on"]);
    expect(door.connections).toBe(before + 1);
    await provider.close?.();
  });

  test("that reads only shows everything and changes nothing", async () => {
    const provider = await makeProvider({ uris: [await uriOf()], "read-only": true });
    expect(await read(provider)).toBe(isOn());
    await expect(provider.powerOff?.(actOn(guest))).rejects.toMatchObject({
      remedy: "ask-operator",
      message: expect.stringContaining("the connection may only read"),
    });
    expect(await host.virsh("domstate", guest.name)).toBe("running");
    await provider.close?.();
  });

  test("is unknown while sshd is away or the line is cut, and read again afterwards", async () => {
    const provider = await makeProvider({ uris: [await uriOf()] });
    expect(await read(provider)).toBe(isOn());
    await sshd.stop();
    door.cut();
    await eventually("it is unknown", async () => (await powerOf(provider, guest)) === "unknown");
    const before = door.connections;
    for (let asked = 0; asked < 20; asked += 1) expect(await powerOf(provider, guest)).toBe("unknown");
    expect(door.connections - before).toBeLessThanOrEqual(2);
    await sshd.start();
    await eventually("it is read again", async () => (await powerOf(provider, guest)) === "on");
    await provider.close?.();
  });
});

describe("what is not right is said once, and tried once in a minute", () => {
  const lockedOut: readonly [string, () => Promise<Way>, RegExp][] = [
    [
      "a host key that is unknown",
      async () => ({ known: await knownHosts("none", await lineOf(door.port + 1, "ed25519")) }),
      /^unknown: .*its host key ssh-ed25519 SHA256:\S+ is unknown: \S+ has none for \[127\.0\.0\.1\]:\d+/,
    ],
    [
      "a host key that has changed",
      async () => ({ known: await knownHosts("changed", await lineOf(door.port, "strangers")) }),
      /^unknown: .*its host key has changed: it shows ssh-ed25519 SHA256:\S+, and \S+ has ssh-ed25519 SHA256:/,
    ],
    [
      "a host key that is revoked",
      async () => ({
        known: await knownHosts(
          "revoked",
          `${await lineOf(door.port, "ed25519")}@revoked * ${await sshd.hostKey("ed25519")}\n`,
        ),
      }),
      /^unknown: .*is revoked in/,
    ],
    [
      "a host key that has changed, with no_verify",
      async () => ({ known: await knownHosts("changed", await lineOf(door.port, "strangers")), more: "&no_verify=1" }),
      /^unknown: .*its host key has changed/,
    ],
    [
      "a key that is not let in",
      async () => ({ key: "strangers" }),
      /^unknown: .*user root was refused with our key; put its public half into root's authorized_keys/,
    ],
  ];

  test.each(lockedOut)("%s", async (_, way, message) => {
    const provider = await makeProvider({ uris: [await uriOf(await way())] });
    const before = door.connections;
    for (let asked = 0; asked < 20; asked += 1) expect(await read(provider)).toMatch(message);
    expect(door.connections - before).toBe(1);
    await expect(provider.powerOff?.(actOn(guest))).rejects.toMatchObject({ code: "ACESO_PROVIDER" });
    expect(door.connections - before).toBe(1);
    await provider.close?.();
  });

  test("a locked key without its passphrase, and no key at all: nobody is called", async () => {
    const before = door.connections;
    expect(await readOnce({ key: "locked" })).toMatch(
      /^unknown: .*locked with a passphrase: name the file .*passphrase_file=/,
    );
    const missing = (await uriOf()).replace("/ours&", "/nothing&");
    const provider = await makeProvider({ uris: [missing] });
    expect(await read(provider)).toMatch(/^unknown: .*reading the private key: ENOENT/);
    await provider.close?.();
    expect(door.connections).toBe(before);
  });

  test("a socket that is not there, for a key that may run nothing: both are said", async () => {
    expect(await readOnce({ more: "&socket=/run/nothing" })).toMatch(
      /^unknown: .*forwarding to \/run\/nothing was refused .*, and the program on the other side ended with 1/,
    );
  });
});

test("no_verify believes a host that nobody has said anything about", async () => {
  const known = await knownHosts("empty", "");
  expect(await readOnce({ known, more: "&no_verify=1" })).toBe(isOn());
});

test("sshd itself has seen no more failures than were to be", async () => {
  const log = await sshd.log();
  expect(log.match(/Failed publickey for root/g)).toHaveLength(1);
});
