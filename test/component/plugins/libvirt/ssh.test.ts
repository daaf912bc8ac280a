import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Hypervisor } from "../../../../plugins/providers/libvirt/hypervisor.ts";
import { openConnection } from "../../../../plugins/providers/libvirt/rpc/open-connection.ts";
import { procedures } from "../../../../plugins/providers/libvirt/rpc/procedures.ts";
import { parseConnectionUri } from "../../../../plugins/providers/libvirt/rpc/uri.ts";
import { systemClock } from "../../../../src/app/clock.ts";
import { SimDaemon } from "../../../sim/libvirt/daemon.ts";
import { type KeyPair, makeKey, SimSshServer } from "../../../sim/libvirt/ssh-server.ts";
import { eventually } from "../../../support/eventually.ts";
import { recordingLog } from "../../../support/recording-log.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";
import { addMachine, emptyHypervisor, makeLibvirt, never } from "./rig.ts";

const machine = "6c696276-6972-4000-8000-000000000000";
const hostKey = makeKey();
const ourKey = makeKey();
let folder: string;
let daemon: SimDaemon;
let server: SimSshServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-libvirt-ssh-"));
  const hypervisor = emptyHypervisor();
  addMachine(hypervisor, "node-0", machine);
  daemon = await SimDaemon.start(hypervisor, { path: join(folder, "daemon") });
  server = await SimSshServer.start(hostKey, ourKey, join(folder, "daemon"));
  await writeFile(join(folder, "id"), ourKey.private);
  // as a mounted Secret without a defaultMode
  await chmod(join(folder, "id"), 0o644);
  await writeFile(join(folder, "known_hosts"), lineOf(hostKey));
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const lineOf = (key: KeyPair) => `[127.0.0.1]:${server.port} ${key.public}\n`;

/** @param query beside the two files, as `&no_verify=1` */
function uriOf(query = "", options: { user?: string; keyFile?: string; isReadOnly?: boolean } = {}) {
  const { user = "healer", keyFile = "id", isReadOnly = false } = options;
  const files = `keyfile=${folder}/${keyFile}&known_hosts=${folder}/known_hosts`;
  const text = `qemu+ssh://${user}@127.0.0.1:${server.port}/system?${files}${query}`;
  return { text, uri: parseConnectionUri(text, { isReadOnly }), isReadOnly };
}

async function version({ uri, isReadOnly } = uriOf(), timeoutMs = 5_000): Promise<number> {
  const connection = await openConnection(uri, systemClock, { isReadOnly, timeoutMs, signal: never });
  const answer = await connection.call(procedures.libVersion, [], { timeoutMs, signal: never, on: "" });
  await connection.close();
  return answer;
}

const refusal = (text: string | RegExp) => ({
  code: "ACESO_PROVIDER",
  remedy: "ask-operator",
  isConfiguration: true,
  message: typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text),
});

test("the daemon is reached through a forwarded socket, with a key that everybody on this machine may read", async () => {
  expect(await version()).toBe(9_000_000);
  expect(server.commands).toEqual([]);
});

test("a locked key is opened with its passphrase", async () => {
  const locked = makeKey("wonder");
  await using other = await SimSshServer.start(hostKey, locked, join(folder, "daemon"));
  await writeFile(join(folder, "locked"), locked.private);
  await writeFile(join(folder, "right"), "wonder\n");
  await writeFile(join(folder, "wrong"), "guess\n");
  await writeFile(join(folder, "known_hosts"), `[127.0.0.1]:${other.port} ${hostKey.public}`);
  const read = (query: string) => {
    const { uri, isReadOnly } = uriOf(query, { keyFile: "locked" });
    return version({
      uri: { ...uri, target: { ...uri.target, port: other.port } as typeof uri.target },
      isReadOnly,
    } as never);
  };
  expect(await read(`&passphrase_file=${folder}/right`)).toBe(9_000_000);
  await expect(read(`&passphrase_file=${folder}/wrong`)).rejects.toMatchObject(
    refusal("the passphrase in passphrase_file does not open it"),
  );
  await expect(read("")).rejects.toMatchObject(
    refusal("locked with a passphrase: name the file that holds it with passphrase_file="),
  );
  await expect(read(`&passphrase_file=${folder}/none`)).rejects.toMatchObject(
    refusal("reading the passphrase: ENOENT"),
  );
  expect(other.connections).toBe(1);
});

describe("what is wrong with our own files is said before anybody is called", () => {
  test.each([
    ["no key", "nothing", "", /reading the private key: ENOENT/],
    ["no private key", "id.pub", ourKey.public, /holds a public key; the private one is needed/],
    ["no key at all", "text", "hello", /expected a private key as ssh-keygen/],
    ["an empty file", "empty", "", /expected a private key as ssh-keygen/],
  ])("%s", async (_, keyFile, text, message) => {
    if (keyFile !== "nothing") await writeFile(join(folder, keyFile), text);
    await expect(version(uriOf("", { keyFile }))).rejects.toMatchObject(refusal(message));
    expect(server.connections).toBe(0);
  });

  test("no known hosts", async () => {
    await rm(join(folder, "known_hosts"));
    await expect(version()).rejects.toMatchObject(refusal("reading the known hosts: ENOENT"));
    await expect(version(uriOf("&no_verify=1"))).rejects.toMatchObject(refusal("reading the known hosts: ENOENT"));
    expect(server.connections).toBe(0);
  });

  test("no message holds what stands in a file", async () => {
    await writeFile(join(folder, "id"), ourKey.private.replaceAll("PRIVATE", "SPOILT"));
    const error = await version().catch((it: unknown) => String(it));
    expect(error).not.toContain(ourKey.private.split("\n")[1]);
  });
});

describe("the host's key", () => {
  test("that is unknown is refused before our key is shown to anybody", async () => {
    await writeFile(join(folder, "known_hosts"), `[127.0.0.1]:${server.port + 1} ${hostKey.public}`);
    await expect(version()).rejects.toMatchObject(
      refusal(/its host key ssh-ed25519 SHA256:\S+ is unknown: .*known_hosts has none for \[127\.0\.0\.1\]:\d+/),
    );
    expect([server.connections, server.attempts]).toEqual([1, 0]);
  });

  test("that has changed is refused, even with no_verify", async () => {
    await writeFile(join(folder, "known_hosts"), lineOf(makeKey()));
    for (const query of ["", "&no_verify=1"]) {
      await expect(version(uriOf(query))).rejects.toMatchObject(refusal("its host key has changed"));
    }
    expect(server.attempts).toBe(0);
  });

  test("that is revoked is refused", async () => {
    await writeFile(join(folder, "known_hosts"), `${lineOf(hostKey)}@revoked * ${hostKey.public}\n`);
    await expect(version()).rejects.toMatchObject(refusal("is revoked in"));
    expect(server.attempts).toBe(0);
  });

  test("that is unknown is believed with no_verify, and each such connection is warned of", async () => {
    await writeFile(join(folder, "known_hosts"), "");
    const log = recordingLog();
    const hypervisor = new Hypervisor(uriOf("&no_verify=1").uri, false, systemClock, log);
    const connection = await hypervisor.connect(never);
    expect(connection.ended.aborted).toBe(false);
    const warnings = log.lines.filter(({ level }) => level === "warn");
    expect(warnings.map(({ message }) => message)).toEqual(["a connection to a host whose key NOBODY HAS VERIFIED"]);
    await hypervisor.close();
  });
});

test("a key or a user that is not let in is a matter of configuration, and shown once", async () => {
  await writeFile(join(folder, "stranger"), makeKey().private);
  for (const options of [{ keyFile: "stranger" }, { user: "nobody" }]) {
    const { user = "healer" } = options;
    const message = `user ${user} was refused with our key; put its public half into ${user}'s authorized_keys`;
    await expect(version(uriOf("", options))).rejects.toMatchObject(refusal(message));
  }
  expect([server.connections, server.attempts]).toEqual([2, 1]);
});

describe("where forwarding is refused", () => {
  beforeEach(() => {
    server.manners.forwards = false;
  });

  test("libvirt's own program is run there, reading only if that is all we may", async () => {
    expect(await version()).toBe(9_000_000);
    expect(await version(uriOf("", { isReadOnly: true }))).toBe(9_000_000);
    expect(await version(uriOf(`&socket=/run/o'dd`))).toBe(9_000_000);
    expect(server.commands.map((command) => /exec (virt-ssh-helper [^;]*|nc [^;]*);/.exec(command)?.[1])).toEqual([
      "virt-ssh-helper qemu:///system",
      "virt-ssh-helper -r qemu:///system",
      `nc -U '/run/o'\\''dd'`,
    ]);
  });

  test("and the program is missing, its words are in the message", async () => {
    server.manners.helper = "missing";
    await expect(version()).rejects.toThrow(
      /forwarding to \S+ was refused .*, and the program on the other side ended with 127: sh: no such program/,
    );
  });

  test("and programs are not allowed either, both are said", async () => {
    server.manners.helper = "never";
    await expect(version()).rejects.toMatchObject({
      remedy: "retry",
      message: expect.stringMatching(/forwarding to \/run\/libvirt\/libvirt-sock was refused .* and so was running/),
    });
  });
});

test("a server that says nothing costs the time for opening and no more", async () => {
  server.manners.isMute = true;
  await expect(version(uriOf(), 200)).rejects.toMatchObject({
    remedy: "retry",
    message: expect.stringContaining("no answer within 200 ms"),
  });
});

test("what is no sshd is said so", async () => {
  const sockets = new Set<Socket>();
  const web = createServer((socket) => {
    sockets.add(socket);
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const { port } = web.address() as { port: number };
  const { uri } = uriOf();
  const other = { ...uri, target: { ...uri.target, port } } as typeof uri;
  await expect(version({ text: "", uri: other, isReadOnly: false })).rejects.toMatchObject({ code: "ACESO_PROVIDER" });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => web.close(resolve));
});

test("a connection through ssh dies of silence after 15 s as any other", async () => {
  const clock = new VirtualClock();
  const options = { isReadOnly: false, timeoutMs: 600_000, signal: never };
  const connection = await openConnection(uriOf().uri, clock, options);
  daemon.manner = "deaf";
  const waiting = connection.call(procedures.libVersion, [], { ...options, on: "" }).catch((error: unknown) => error);
  await clock.advance(25_000);
  expect(String(await waiting)).toMatch(/nothing heard for \d+ s/);
});

test("after the connection was cut the next question makes a new one; a refused key is not shown again in a minute", async () => {
  const { text } = uriOf();
  const provider = await makeLibvirt({ uris: [text] });
  const node = {
    name: "node-0",
    uid: "u",
    providerID: "",
    systemUUID: machine,
    internalIP: "",
    machineAnnotation: undefined,
  };
  const read = async () => await provider.observe(machine, node, never);
  expect((await read()).power).toBe("on");
  server.hangUp();
  await eventually("it reads again", async () => (await read()).power === "on" && server.connections === 2);
  await writeFile(join(folder, "id"), makeKey().private);
  server.hangUp();
  await eventually("the key is refused", async () => (await read()).text.includes("was refused with our key"));
  const made = server.connections;
  for (let asked = 0; asked < 50; asked += 1) expect((await read()).power).toBe("unknown");
  expect(server.connections).toBe(made);
  await provider.close?.();
});
