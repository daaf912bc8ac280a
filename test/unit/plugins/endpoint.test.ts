import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import endpoint from "../../../plugins/checks/endpoint/index.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { validateParams } from "../../../src/config/params.ts";
import type { ProbeResult, ProbingCheck } from "../../../src/plugin-api/index.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { findFreePort } from "../../support/free-port.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { serveHttp, serveHttps, serveTcp } from "./loopback.ts";

const authority = makeAuthority("test-ca");
const good = authority.issue({ commonName: "node", altNames: ["127.0.0.1"] });
const otherName = authority.issue({ commonName: "node", altNames: ["127.0.0.9"] });
const stranger = makeAuthority("other-ca").issue({ commonName: "node", altNames: ["127.0.0.1"] });
let folder = "";
let files: { "ca-file": string; "token-file": string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-endpoint-"));
  files = { "ca-file": join(folder, "ca.crt"), "token-file": join(folder, "token") };
  await writeFile(files["ca-file"], authority.cert);
  await writeFile(files["token-file"], "secret-token\n");
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function make(raw: object): ProbingCheck {
  const { values, problems } = validateParams(endpoint.params, { ...files, ...raw });
  expect(problems).toEqual([]);
  const check = endpoint.create(values, { clock: systemClock, log: recordingLog(), silenceMs: 25_000 });
  if (!("probe" in check)) throw new Error("not a probing check");
  return check;
}

async function probe(
  raw: object,
  timeoutMs = 5_000,
  internalIP: string | undefined = "127.0.0.1",
): Promise<ProbeResult> {
  const check = make(raw);
  using deadline = systemClock.deadline(timeoutMs);
  try {
    return await check.probe({ name: "n", uid: "u", role: "worker", internalIP, kubeletPort: 10250 }, deadline.signal);
  } finally {
    await check.close?.();
  }
}

const ok: RequestListener = (_request, response) => response.end("ok");

test("passes when every path answers with an ok code over verified TLS", async () => {
  const paths: string[] = [];
  await using server = await serveHttps(good, (request, response) => {
    paths.push(request.url ?? "");
    response.end("ok");
  });
  const seen = await probe({ port: server.port, endpoints: ["/livez", "/readyz"] });
  expect(seen).toMatchObject({ verdict: "pass", answered: true });
  expect(paths).toEqual(["/livez", "/readyz"]);
});

test("fails when one of the paths answers with another code, and says what the server said", async () => {
  await using server = await serveHttps(good, (request, response) => {
    if (request.url === "/readyz") response.writeHead(500).end("[-]etcd failed:\n reason withheld");
    else response.end("ok");
  });
  const seen = await probe({ port: server.port, endpoints: ["/livez", "/readyz"] });
  expect(seen).toMatchObject({ verdict: "fail", answered: true });
  expect(seen.message).toContain("/readyz: status 500: [-]etcd failed: reason withheld");
});

test("401 and 403 count as healthy where ok-codes say so, and no token is sent unless required", async () => {
  let authorization: string | undefined = "nothing asked yet";
  await using server = await serveHttps(good, (request, response) => {
    authorization = request.headers.authorization;
    response.writeHead(401).end();
  });
  expect((await probe({ port: server.port, "ok-codes": [200, 401, 403] })).verdict).toBe("pass");
  expect(authorization).toBeUndefined();
});

test("a required token goes over verified TLS, from `token` or else from token-file", async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serveHttps(good, (request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  await probe({ port: server.port, "require-token": true });
  await probe({ port: server.port, "require-token": true, token: "inline" });
  expect(seen).toEqual(["Bearer secret-token", "Bearer inline"]);
});

test.each([
  ["signed by somebody else", stranger],
  ["made for another address", otherName],
])("a certificate %s is unknown with a hint, and the request with its token is never sent", async (_name, issued) => {
  let requests = 0;
  await using server = await serveHttps(issued, (_request, response) => {
    requests += 1;
    response.end();
  });
  const seen = await probe({ port: server.port, "require-token": true });
  expect(seen).toMatchObject({ verdict: "unknown", answered: true });
  expect(seen.message).toContain("ca-file");
  expect([server.connections, requests]).toEqual([1, 0]);
});

test("insecure-skip-verify takes any certificate, but never together with a token", async () => {
  let requests = 0;
  await using server = await serveHttps(stranger, (_request, response) => {
    requests += 1;
    response.end();
  });
  expect((await probe({ port: server.port, "insecure-skip-verify": true })).verdict).toBe("pass");
  const withToken = await probe({ port: server.port, "insecure-skip-verify": true, "require-token": true });
  expect(withToken).toMatchObject({ verdict: "unknown", answered: false });
  expect([server.connections, requests]).toEqual([1, 1]);
});

test("plain HTTP works in any case of the word, and never carries a token", async () => {
  await using server = await serveHttp(ok);
  expect((await probe({ port: server.port, protocol: "http" })).verdict).toBe("pass");
  expect((await probe({ port: server.port, protocol: "HTTP", "require-token": true })).verdict).toBe("unknown");
  expect(server.connections).toBe(1);
});

test("a redirect is not followed", async () => {
  let requests = 0;
  await using server = await serveHttp((_request, response) => {
    requests += 1;
    response.writeHead(302, { Location: "/elsewhere" }).end();
  });
  expect((await probe({ port: server.port, protocol: "HTTP" })).verdict).toBe("fail");
  expect(requests).toBe(1);
});

test("a refused connection fails, and is an answer", async () => {
  expect(await probe({ port: await findFreePort() })).toMatchObject({ verdict: "fail", answered: true });
});

test("a reset, a server without TLS and something that is not HTTP fail, and are answers", async () => {
  await using resetting = await serveTcp((socket) => socket.resetAndDestroy());
  await using plain = await serveHttp(ok);
  await using babbling = await serveTcp((socket) => socket.end("hello there\r\n\r\n"));
  expect(await probe({ port: resetting.port })).toMatchObject({ verdict: "fail", answered: true });
  expect(await probe({ port: plain.port })).toMatchObject({ verdict: "fail", answered: true });
  expect(await probe({ port: babbling.port, protocol: "HTTP" })).toMatchObject({ verdict: "fail", answered: true });
});

test("silence after the connection fails at the timeout, and the connection was an answer", async () => {
  await using silent = await serveTcp(() => {});
  const seen = await probe({ port: silent.port, protocol: "HTTP" }, 150);
  expect(seen).toMatchObject({ verdict: "fail", answered: true });
  const tls = await probe({ port: silent.port }, 150);
  expect(tls).toMatchObject({ verdict: "fail", answered: true });
});

test("an answer that stalls in its body fails at the timeout", async () => {
  await using server = await serveHttp((_request, response) => {
    response.writeHead(200, { "Content-Length": "100" });
    response.write("half");
  });
  expect(await probe({ port: server.port, protocol: "HTTP" }, 150)).toMatchObject({ verdict: "fail", answered: true });
});

test("an endless body is read no further than its bound", async () => {
  await using server = await serveHttp((_request, response) => {
    const more = () => {
      while (response.write("x".repeat(65_536))) if (response.destroyed) return;
    };
    response.on("drain", more);
    more();
  });
  expect((await probe({ port: server.port, protocol: "HTTP" })).verdict).toBe("pass");
});

test("nothing to ask, or nothing to ask with, is unknown", async () => {
  const check = make({});
  const noAddress = { name: "n", uid: "u", role: "worker" as const, internalIP: undefined, kubeletPort: 10250 };
  expect(await check.probe(noAddress, new AbortController().signal)).toMatchObject({
    verdict: "unknown",
    answered: false,
  });
  const missing = join(folder, "missing");
  expect((await probe({ "ca-file": missing })).message).toContain("ENOENT");
  const badCa = join(folder, "bad.crt");
  await writeFile(badCa, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  await using server = await serveHttps(good, ok);
  expect((await probe({ "ca-file": badCa, port: server.port })).verdict).toBe("unknown");
  expect((await probe({ "require-token": true, "token-file": missing })).verdict).toBe("unknown");
});

test("no message shows the token", async () => {
  await using server = await serveHttps(good, (_request, response) => response.writeHead(403).end("denied"));
  const seen = await probe({ port: server.port, "require-token": true });
  expect(seen.verdict).toBe("fail");
  expect(JSON.stringify(seen)).not.toContain("secret-token");
});

test("an unknown protocol stops the start", () => {
  expect(() => make({ protocol: "GOPHER" })).toThrow("neither HTTPS nor HTTP");
});
