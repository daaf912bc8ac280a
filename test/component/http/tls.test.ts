import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect as connectPlain } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PageLimits } from "../../../src/http/page-limits.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { type MountedKeyPair, mountKeyPair } from "../../support/key-pair-files.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { type PageRig, pageRig } from "./page-rig.ts";

const authority = makeAuthority("authority");
const ca = authority.cert;
const issue = (commonName: string) => authority.issue({ commonName, altNames: ["127.0.0.1"] });
const first = issue("first");
const second = issue("second");

interface TlsRig extends AsyncDisposable {
  readonly rig: PageRig;
  readonly mounted: MountedKeyPair;
  readonly warnings: () => readonly string[];
}

async function tlsRig(pair: typeof first | "none" = first, limits: Partial<PageLimits> = {}): Promise<TlsRig> {
  const mounted = await mountKeyPair(pair === "none" ? undefined : pair);
  const log = recordingLog();
  const rig = await pageRig({
    tls: { files: mounted.files, ca },
    readersNeedToken: true,
    hostNames: ["aceso.example"],
    limits: { certificateLookMs: 50, ...limits },
    log,
  });
  rig.kube.people.put("reader", {
    name: "reader",
    isAllowed: ({ path, verb }) => path === "/aceso/status-page" && verb === "get",
  });
  const warnings = () => log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  return {
    rig,
    mounted,
    warnings,
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]();
      await mounted[Symbol.asyncDispose]();
    },
  };
}

/** Name in the certificate that a new connection is shown. @throws Error when there is no handshake */
function shownName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca }, () => {
      const { subject }: PeerCertificate = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.once("error", reject);
  });
}

/** All that comes until the other side ends. */
function hear(socket: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (part: Buffer) => {
      text += part.toString("latin1");
    });
    socket.once("close", () => resolve(text));
  });
}

/** The stream of wards as a page reads it. */
async function openStream({ port }: PageRig) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: "Bearer reader" };
    const target = { host: "127.0.0.1", port, ca, path: "/api/v1/ward/stream", headers, agent: false };
    request(target, resolve).once("error", reject).end();
  });
  let text = "";
  answer.setEncoding("utf8");
  answer.on("data", (part: string) => {
    text += part;
  });
  answer.on("error", () => undefined);
  return { answer, text: () => text };
}

describe("over TLS", () => {
  let it: TlsRig;
  beforeAll(async () => {
    it = await tlsRig();
    it.rig.kube.people.put("janes", { name: "jane", isAllowed: () => true });
  });
  afterAll(async () => it[Symbol.asyncDispose]());

  test.each(["/", "/assets/page.js"])("anyone may have the page's files, which hold no data: %s", async (path) => {
    const { status, headers } = await it.rig.ask(path);
    expect([status, headers["strict-transport-security"]]).toEqual([200, undefined]);
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });

  test.each(["/api/v1/ward", "/api/v1/ward/stream", "/api/v1/nodes", "/api/v1/nodes/n1", "/api/v1/me", "/metrics"])(
    "nobody sees anything of the cluster without a token: %s",
    async (path) => {
      expect((await it.rig.ask(path)).status).toBe(401);
      expect((await it.rig.ask(path, { headers: { authorization: "Bearer nobodys" } })).status).toBe(401);
    },
  );

  test("whoever may read reads, and whoever may change changes", async () => {
    const headers = { authorization: "Bearer reader" };
    expect((await it.rig.ask("/api/v1/ward", { headers })).status).toBe(200);
    expect((await it.rig.ask("/metrics", { headers })).status).toBe(403);
    const script = { "content-type": "application/json", "x-aceso-request": "1", authorization: "Bearer janes" };
    const origin = `https://127.0.0.1:${it.rig.port}`;
    const asked = { method: "POST", headers: { ...script, origin }, body: "{}" };
    expect((await it.rig.ask("/api/v1/nodes/n1/pause", asked)).status).toBe(200);
    expect((await it.rig.ask("/api/v1/nodes/n1/resume", asked)).status).toBe(200);
  });

  test("all is refused that is refused without TLS", async () => {
    const script = { "content-type": "application/json", "x-aceso-request": "1" };
    const janes = { ...script, authorization: "Bearer janes" };
    const pause = "/api/v1/nodes/n1/pause";
    const post = (headers: Readonly<Record<string, string>>, body = "{}") => ({ method: "POST", headers, body });
    const refused = [
      [401, pause, post(script)],
      [403, pause, post({ ...script, authorization: "Bearer reader" })],
      [403, pause, post({ ...janes, origin: "https://evil.example" })],
      [403, pause, post({ ...janes, origin: `http://127.0.0.1:${it.rig.port}` })],
      [403, pause, post({ ...janes, "sec-fetch-site": "cross-site" })],
      [403, pause, post({ authorization: "Bearer janes", "content-type": "application/json" })],
      [415, pause, post({ ...janes, "content-type": "text/plain" })],
      [400, pause, post(janes, "no JSON")],
      [413, pause, post(janes, JSON.stringify({ reason: "x".repeat(20_000) }))],
      [404, "/api/v1/nodes/nowhere/pause", post(janes)],
      [403, "/", { headers: { host: "evil.example" } }],
      [200, "/", { headers: { host: "aceso.example" } }],
      [404, "/assets/../../../etc/passwd", {}],
      [405, "/", { method: "DELETE" }],
      [431, "/", { headers: { "x-long": "x".repeat(20_000) } }],
      [414, `/api/v1/nodes?search=${"x".repeat(2_000)}`, {}],
    ] as const;
    for (const [status, path, asked] of refused) {
      expect([path, (await it.rig.ask(path, asked)).status]).toEqual([path, status]);
    }
    const annotated = it.rig.kube.store
      .list("nodes")
      .filter(({ metadata }) => metadata.annotations?.["aceso.dev/paused"]);
    expect(annotated).toEqual([]);
  });

  test("headers that do not end in time, and a request as to a proxy, cost the connection", async () => {
    await using strict = await tlsRig(first, { headersTimeoutMs: 200, requestTimeoutMs: 400 });
    for (const [bytes, status] of [
      ["GET / HTTP/1.1\r\nHost: localhost\r\n", 408],
      ["GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    ] as const) {
      const socket = await strict.rig.raw();
      socket.write(bytes);
      expect(await hear(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    }
  });

  test("TLS 1.1 is refused, and so is who speaks plain HTTP, with nothing told", async () => {
    const old = connect({
      host: "127.0.0.1",
      port: it.rig.port,
      ca,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const refusal = await new Promise<NodeJS.ErrnoException>((resolve) => old.once("error", resolve));
    expect(refusal.code).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    const plain = connectPlain(it.rig.port, "127.0.0.1");
    plain.write("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer janes\r\n\r\n");
    expect(await hear(plain)).not.toContain("HTTP");
  });
});

describe("a certificate", () => {
  test("that is renewed serves new connections, and open streams go on", async () => {
    await using it = await tlsRig();
    const stream = await openStream(it.rig);
    expect(await shownName(it.rig.port)).toBe("first");
    await it.mounted.put(second);
    await eventually("the new certificate", async () => (await shownName(it.rig.port)) === "second");
    const annotations = { "aceso.dev/paused": "after the renewal" };
    it.rig.kube.call("PATCH", "/api/v1/nodes/n2", { metadata: { annotations } }, "application/merge-patch+json");
    await eventually("news on the old stream", () => stream.text().includes("after the renewal"));
    expect(stream.answer.destroyed).toBe(false);
    stream.answer.destroy();
  });

  test("that does not fit its key is told once, and the one before stays", async () => {
    await using it = await tlsRig();
    await it.mounted.put({ cert: second.cert, key: first.key });
    const word = "the new certificate cannot be used; the status page goes on with the one before";
    await eventually("the word", () => it.warnings().includes(word));
    expect(await shownName(it.rig.port)).toBe("first");
    await it.mounted.put(second);
    await eventually("the new certificate", async () => (await shownName(it.rig.port)) === "second");
    expect(it.warnings().filter((line) => line === word)).toHaveLength(1);
  });

  test("that is not there yet keeps everybody out, never lets them in without TLS, and is taken when it comes", async () => {
    await using it = await tlsRig("none");
    await expect(it.rig.ask("/")).rejects.toThrow();
    expect(it.warnings()).toEqual([expect.stringContaining("has no certificate")]);
    await it.mounted.put(first);
    await eventually("the page", async () => (await it.rig.ask("/")).status === 200);
  });
});

describe("a handshake that does not end", () => {
  test("loses its place, which counts among the connections, and others come in then", async () => {
    await using it = await tlsRig(first, { handshakeTimeoutMs: 1_000, maxConnections: 2 });
    const silent = connectPlain(it.rig.port, "127.0.0.1");
    const slow = connectPlain(it.rig.port, "127.0.0.1");
    const lost = Promise.all([silent, slow].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    for (const socket of [silent, slow]) {
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.once("connect", resolve));
    }
    // the beginning of a ClientHello, byte by byte
    const hello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
    slow.write(hello.subarray(0, 1));
    await expect(it.rig.ask("/")).rejects.toThrow();
    slow.write(hello.subarray(1, 2));
    await lost;
    await eventually("a free place", async () => (await it.rig.ask("/")).status === 200);
  });

  test("does not keep the server from stopping", async () => {
    const it = await tlsRig(first, { handshakeTimeoutMs: 600_000 });
    const silent = connectPlain(it.rig.port, "127.0.0.1");
    silent.on("error", () => undefined);
    await new Promise((resolve) => silent.once("connect", resolve));
    const lost = new Promise((resolve) => silent.once("close", resolve));
    await it[Symbol.asyncDispose]();
    await lost;
  });
});
