import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { type LibvirtHost, password, startLibvirtHost } from "../../support/libvirt-host/start.ts";
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

test("a wrong password, none, and a stranger's certificate: each said clearly, and tried once in a minute", async () => {
  const bad = await authFile("bad.conf", "guess");
  const cases: readonly [string, RegExp][] = [
    [`${host.tlsUri("ours")}&authfile=${bad}`, /^unknown: .*authentication failed/],
    [host.tlsUri("ours"), /^unknown: .*wants a password: add \?authfile=/],
    [host.tlsUri("strangers"), /^unknown: .*did not accept our certificate/],
  ];
  for (const [uri, message] of cases) {
    const provider = await makeProvider({ uris: [uri] });
    const observe = async () => {
      const { power, text } = await provider.observe(host.guests[0]!.uuid, nodeOf(host.guests[0]!), never);
      return `${power}: ${text}`;
    };
    expect(await observe()).toMatch(message);
    const startedMs = systemClock.now().monoMs;
    for (let asked = 0; asked < 20; asked += 1) expect(await observe()).toMatch(message);
    // remembered answers, not twenty handshakes
    expect(systemClock.now().monoMs - startedMs).toBeLessThan(200);
    await provider.close?.();
  }
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
