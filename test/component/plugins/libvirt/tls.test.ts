import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openConnection } from "../../../../plugins/providers/libvirt/rpc/open-connection.ts";
import { procedures } from "../../../../plugins/providers/libvirt/rpc/procedures.ts";
import { parseConnectionUri } from "../../../../plugins/providers/libvirt/rpc/uri.ts";
import { systemClock } from "../../../../src/app/clock.ts";
import { SimDaemon } from "../../../sim/libvirt/daemon.ts";
import { makeAuthority } from "../../../support/certificates.ts";
import { emptyHypervisor, never } from "./rig.ts";

const ours = makeAuthority("libvirt-ca");
const strangers = makeAuthority("another-ca");
let daemon: SimDaemon;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-libvirt-tls-"));
  const { cert, key } = ours.issue({ commonName: "host-a", altNames: ["localhost", "127.0.0.1"] });
  const tls = { cert, key, ca: ours.cert, requestCert: true, rejectUnauthorized: true };
  daemon = await SimDaemon.start(emptyHypervisor(), { port: 0, host: "127.0.0.1", tls });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A folder as `pkipath` wants it. */
async function pki(name: string, authority = ours, client = ours): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  const { cert, key } = client.issue({ commonName: "healer" });
  await writeFile(join(path, "cacert.pem"), authority.cert);
  await writeFile(join(path, "clientcert.pem"), cert);
  await writeFile(join(path, "clientkey.pem"), key);
  return path;
}

async function open(host: string, pkipath: string, port = daemon.port): Promise<number> {
  const text = `qemu+tls://${host}:${port}/system?pkipath=${pkipath}`;
  const options = { isReadOnly: false, timeoutMs: 3_000, signal: never };
  const connection = await openConnection(parseConnectionUri(text, options), systemClock, options);
  const version = await connection.call(procedures.libVersion, [], { timeoutMs: 3_000, signal: never, on: "" });
  await connection.close();
  return version;
}

test("both sides' certificates are checked, by name and by address", async () => {
  const folderOfOurs = await pki("ours");
  expect(await open("localhost", folderOfOurs)).toBe(9_000_000);
  expect(await open("127.0.0.1", folderOfOurs)).toBe(9_000_000);
});

test("a daemon that another authority vouches for is not talked to", async () => {
  await expect(open("localhost", await pki("wrong-ca", strangers))).rejects.toMatchObject({
    isConfiguration: true,
    message: expect.stringContaining("check the certificates on both sides"),
  });
});

test("a daemon whose certificate is another host's is not talked to", async () => {
  const { cert, key } = ours.issue({ commonName: "host-b", altNames: ["host-b"] });
  const tls = { cert, key, ca: ours.cert, requestCert: true, rejectUnauthorized: true };
  await using other = await SimDaemon.start(emptyHypervisor(), { port: 0, host: "127.0.0.1", tls });
  await expect(open("localhost", await pki("wrong-name"), other.port)).rejects.toMatchObject({
    isConfiguration: true,
    message: expect.stringContaining("check the certificates on both sides"),
  });
});

test("a certificate of ours that the daemon does not accept is a matter of configuration", async () => {
  await expect(open("localhost", await pki("wrong-client", ours, strangers))).rejects.toMatchObject({
    remedy: "ask-operator",
    isConfiguration: true,
    message: expect.stringContaining("the daemon did not accept our certificate"),
  });
});

test("missing files are named with their folder's rule", async () => {
  await expect(open("localhost", join(folder, "nothing"))).rejects.toMatchObject({
    isConfiguration: true,
    message: expect.stringContaining("pkipath must hold cacert.pem, clientcert.pem and clientkey.pem"),
  });
});
