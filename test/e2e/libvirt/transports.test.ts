import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Connection } from "../../../plugins/providers/libvirt/rpc/connection.ts";
import { procedures } from "../../../plugins/providers/libvirt/rpc/procedures.ts";
import { openStream } from "../../../plugins/providers/libvirt/rpc/transport.ts";
import { parseConnectionUri } from "../../../plugins/providers/libvirt/rpc/uri.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { startProxy } from "../../support/libvirt-host/proxy.ts";
import { type LibvirtHost, password, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { startTurnstile } from "../../support/turnstile.ts";
import { actOn, makeProvider, never, nodeOf } from "./provider-rig.ts";

let host: LibvirtHost;

beforeAll(async () => {
  host = await startLibvirtHost({ guests: 1, wantsPassword: true });
});

afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
});

/** What the plugin reads over one connection, as `on: running (booted) on …`. */
async function read(section: object): Promise<string> {
  const provider = await makeProvider(section);
  try {
    const { power, text } = await provider.observe(host.guests[0]!.uuid, nodeOf(host.guests[0]!), never);
    return `${power}: ${text}`;
  } finally {
    await provider.close?.();
  }
}

async function authFile(name: string, secret: string): Promise<string> {
  const file = join(hostFolder, name);
  const credentials = `[credentials-e2e]\nauthname=healer\npassword=${secret}\n`;
  await writeFile(file, `${credentials}[auth-libvirt-localhost]\ncredentials=e2e\n`);
  return file;
}

test("the unix socket and plain TCP", async () => {
  expect(await read({ uris: ["qemu:///system"] })).toBe("on: running (booted) on qemu:///system");
  expect(await read({ uris: [host.tcpUri] })).toBe(`on: running (booted) on ${host.tcpUri}`);
});

test("several hypervisors that are one: the machine is found on each", async () => {
  const answer = await read({ uris: ["qemu:///system", host.tcpUri] });
  expect(answer).toContain("on qemu:///system");
  expect(answer).toContain(`on ${host.tcpUri}`);
});

test("TLS with the client's certificate and a password", async () => {
  const good = await authFile("good.conf", password);
  expect(await read({ uris: [`${host.tlsUri("ours")}&authfile=${good}`] })).toMatch(
    /^on: running \(booted\) on qemu\+tls/,
  );
});

/** A folder as `pkipath` wants it, with our client's certificate, that trusts another authority than the daemon's. */
async function foreignAuthority(): Promise<string> {
  const folder = join(hostFolder, "foreign-authority");
  await cp(join(hostFolder, "ours"), folder, { recursive: true });
  await writeFile(join(folder, "cacert.pem"), makeAuthority("another").cert);
  return folder;
}

const refused: readonly [string, (uri: (client: "ours" | "strangers") => string) => Promise<string>, RegExp][] = [
  [
    "a wrong password",
    async (uri) => `${uri("ours")}&authfile=${await authFile("bad.conf", "guess")}`,
    /^unknown: .*authentication failed.* \(libvirt error 45\/7\)/,
  ],
  ["no password", async (uri) => uri("ours"), /^unknown: .*wants a password: add \?authfile=/],
  [
    "a file without that host's password",
    async (uri) => {
      const file = join(hostFolder, "other.conf");
      await writeFile(file, "[auth-libvirt-elsewhere]\ncredentials=e2e\n");
      return `${uri("ours")}&authfile=${file}`;
    },
    /^unknown: .*no \[auth-libvirt-localhost\]/,
  ],
  ["a stranger's certificate", async (uri) => uri("strangers"), /^unknown: .*did not accept our certificate/],
  [
    "a daemon that another authority vouches for",
    async (uri) => uri("ours").replace(/pkipath=.*/, `pkipath=${await foreignAuthority()}`),
    /^unknown: .*check the certificates on both sides/,
  ],
];

test.each(refused)("%s: said clearly, and tried once in a minute", async (_, way, message) => {
  const port = Number(/:(\d+)\//.exec(host.tlsUri("ours"))?.[1]);
  await using door = await startTurnstile({ host: "127.0.0.1", port });
  const uri = await way((client) => host.tlsUri(client).replace(`:${port}/`, `:${door.port}/`));
  const provider = await makeProvider({ uris: [uri] });
  for (let asked = 0; asked < 20; asked += 1) {
    const { power, text } = await provider.observe(host.guests[0]!.uuid, nodeOf(host.guests[0]!), never);
    expect(`${power}: ${text}`).toMatch(message);
  }
  expect(door.connections).toBe(1);
  await provider.close?.();
});

test("whoever opens the driver without a password is told to authenticate, for a person", async () => {
  const uri = parseConnectionUri(host.tlsUri("ours"), { isReadOnly: false });
  const connection = new Connection(await openStream(uri, never), uri.name, systemClock);
  const asked = connection.call(procedures.open, ["qemu:///system", 0], { timeoutMs: 5_000, signal: never, on: "" });
  await expect(asked).rejects.toMatchObject({ number: 39, area: 7, remedy: "ask-operator" });
  connection.abandon("the test is over");
});

test("a URI that names the read-only socket has each act refused once, for a person", async () => {
  const guest = host.guests[0]!;
  await using proxy = await startProxy(join(hostFolder, "proxy.sock"), "/run/libvirt/libvirt-sock-ro");
  const provider = await makeProvider({ uris: [proxy.uri] });
  await expect(provider.powerOff?.(actOn(guest))).rejects.toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("read only access prevents"),
  });
  expect(proxy.calls.filter((procedure) => procedure === 234)).toHaveLength(1);
  expect(await host.virsh("domstate", guest.name)).toBe("running");
  await provider.close?.();
});

test("the read-only socket shows everything and changes nothing", async () => {
  const guest = host.guests[0]!;
  const provider = await makeProvider({ uris: ["qemu:///system"], "read-only": true });
  expect(await provider.identify(nodeOf(guest), never)).toBe(guest.uuid);
  expect((await provider.survey?.(never))?.get(guest.uuid)?.power).toBe("on");
  for (const act of [provider.powerOff, provider.rebuild]) {
    await expect(act?.(actOn(guest))).rejects.toMatchObject({
      remedy: "ask-operator",
      message: expect.stringContaining("the connection may only read"),
    });
  }
  await expect(provider.reboot?.(actOn(guest), "hard")).rejects.toMatchObject({ remedy: "ask-operator" });
  expect(await host.virsh("domstate", guest.name)).toBe("running");
  await provider.close?.();
});
