import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createSecureServer } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { tryReceiver } from "../../../src/notify/try-receiver.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { findFreePort } from "../../support/free-port.ts";

const authority = makeAuthority("receiver-ca");
let folder = "";
const file = (name: string) => join(folder, name);
/** Bytes that came in over the connection itself, or inside TLS. */
let received = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-receiver-"));
  const files = {
    secret: "a secret\n",
    empty: " \n",
    prefix: "whsec_\n",
    ca: authority.cert,
    other: makeAuthority("x").cert,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(file(name), text);
  await writeFile(file("cut"), authority.cert.replace("-\nMI", "-\nAA"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plain = () => listening(createServer((socket) => socket.on("data", (chunk) => (received += chunk.toString()))));
const secure = () =>
  listening(
    createSecureServer(authority.issue({ commonName: "receiver", altNames: ["127.0.0.1"] }), (socket) =>
      socket.on("data", (chunk) => (received += chunk.toString())),
    ),
  );

async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

async function problems(url: string, { secret = "secret", ca }: { secret?: string; ca?: string } = {}) {
  received = "";
  const receiver = { url, secretFile: file(secret), caFile: ca === undefined ? undefined : file(ca) };
  const trial = await tryReceiver(receiver, systemClock, new AbortController().signal);
  expect(trial.origin).toBe(new URL(url).origin);
  return trial.problems.map(({ part, problem }) => `${part} ${problem}`);
}

test("a receiver that listens has no problem, and nothing is sent to it", async () => {
  await using open = await plain();
  await using tls = await secure();
  expect(await problems(`http://127.0.0.1:${open.port}/hook`)).toEqual([]);
  expect(await problems(`https://127.0.0.1:${tls.port}/hook`, { ca: "ca" })).toEqual([]);
  expect(received).toBe("");
});

test("a secret that is missing, empty, or nothing behind its prefix", async () => {
  await using open = await plain();
  const url = `http://127.0.0.1:${open.port}/hook`;
  expect(await problems(url, { secret: "none" })).toEqual([expect.stringMatching(/^secret-file ENOENT: .*none/)]);
  for (const secret of ["empty", "prefix"]) {
    expect(await problems(url, { secret })).toEqual([`secret-file ${file(secret)}: it holds no secret`]);
  }
});

test("authorities that are missing, no PEM, cut, or not the receiver's", async () => {
  await using tls = await secure();
  const url = `https://127.0.0.1:${tls.port}/hook`;
  expect(await problems(url, { ca: "none" })).toEqual([expect.stringMatching(/^ca-file ENOENT: .*none/)]);
  expect(await problems(url, { ca: "secret" })).toEqual([`ca-file ${file("secret")}: it holds no certificate in PEM`]);
  expect(await problems(url, { ca: "cut" })).toEqual([
    expect.stringMatching(/^ca-file .*cut: a certificate in it cannot be read: /),
  ]);
  expect(await problems(url, { ca: "other" })).toEqual([expect.stringMatching(/^connection .*certificate/)]);
  expect(await problems(url)).toEqual([expect.stringMatching(/^connection .*certificate/)]);
});

test("nobody listens, the name is none, or TLS is not spoken", async () => {
  const port = await findFreePort();
  expect(await problems(`https://127.0.0.1:${port}/hook`)).toEqual([
    expect.stringMatching(/^connection .*ECONNREFUSED/),
  ]);
  // longer than a name may be: no server is asked for it
  expect(await problems(`https://${"a".repeat(70)}.example/hook`)).toEqual([
    expect.stringMatching(/^connection getaddrinfo ENOTFOUND/),
  ]);
  await using silent = await listening(createServer((socket) => socket.resume().end("220 mail.example ESMTP\r\n")));
  expect(await problems(`https://127.0.0.1:${silent.port}/hook`)).toEqual([
    expect.stringMatching(/^connection .*(EPROTO|wrong version|packet length)/),
  ]);
});

test("Ctrl-C ends it", async () => {
  await using open = await plain();
  const stopped = AbortSignal.abort(new Error("stopped"));
  const receiver = { url: `https://127.0.0.1:${open.port}/hook`, secretFile: file("secret"), caFile: undefined };
  await expect(tryReceiver(receiver, systemClock, stopped)).rejects.toThrow("stopped");
});
