import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { connect } from "../../../src/kube/connect.ts";
import { KubeAccessError, openAccess } from "../../../src/kube/kube-access.ts";
import { UnauthorizedError, UnavailableError } from "../../../src/kube/status-error.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";

const never = new AbortController().signal;
const path = "/api/v1/nodes/n1";

/** A TLS server that wants one token, and a folder with a kubeconfig for it. */
async function tlsServer(altName = "127.0.0.1") {
  const authority = makeAuthority("test");
  const { cert, key } = authority.issue({ commonName: "server", altNames: [altName] });
  const state = { token: "t1", handshakes: 0, seen: [] as string[] };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    state.seen.push(request.headers.authorization ?? "");
    response.statusCode = request.headers.authorization === `Bearer ${state.token}` ? 200 : 401;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ kind: "Node", metadata: { name: "n1" }, message: "Unauthorized" }));
  };
  const server = createServer({ cert, key }, handle);
  server.on("secureConnection", () => {
    state.handshakes += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const dir = await mkdtemp(join(tmpdir(), "aceso-access-"));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(dir, "config");
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(authority.cert).toString("base64"),
  };
  const write = async (user: object) => {
    const named = { name: "x" };
    const text = JSON.stringify({
      "current-context": "x",
      clusters: [{ ...named, cluster }],
      users: [{ ...named, user }],
      contexts: [{ ...named, context: { cluster: "x", user: "x", namespace: "here" } }],
    });
    await writeFile(`${kubeconfig}.new`, text);
    await rename(`${kubeconfig}.new`, kubeconfig);
  };
  await write({ token: "t1" });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  };
  return { ...state, state, dir, kubeconfig, write, [Symbol.asyncDispose]: close };
}

function restOf(kubeconfig: string) {
  const access = openAccess({ kubeconfig });
  const rest = connect(access, systemClock, recordingLog(), recordingMeter());
  const get = () => rest.call({ method: "GET", path, resource: "nodes", signal: never });
  return { access, rest, get };
}

test("many calls share a connection", async () => {
  await using server = await tlsServer();
  const { access, get } = restOf(server.kubeconfig);
  for (let call = 0; call < 20; call += 1) await get();
  expect(server.state.handshakes).toBeLessThanOrEqual(2);
  expect(access.namespace).toBe("here");
  await access.close();
});

test("a token that was rotated is read again after one 401", async () => {
  await using server = await tlsServer();
  const { access, get } = restOf(server.kubeconfig);
  await get();
  server.state.token = "t2";
  await server.write({ token: "t2" });
  expect((await get()).metadata?.name).toBe("n1");
  expect(server.state.seen).toEqual(["Bearer t1", "Bearer t1", "Bearer t2"]);
  expect(server.state.handshakes).toBeLessThanOrEqual(2);
  await access.close();
});

test("a token file that was rotated is read again after one 401", async () => {
  await using server = await tlsServer();
  const tokenFile = join(server.dir, "token");
  await writeFile(tokenFile, "t1");
  await server.write({ "auth-provider": { name: "tokenFile", config: { tokenFile } } });
  const { access, get } = restOf(server.kubeconfig);
  await get();
  server.state.token = "t2";
  await writeFile(tokenFile, "t2");
  expect((await get()).metadata?.name).toBe("n1");
  await access.close();
});

test("a token that is wrong is said so once, without the token", async () => {
  await using server = await tlsServer();
  const { access, get } = restOf(server.kubeconfig);
  server.state.token = "another";
  const error = await get().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnauthorizedError);
  expect(String(error)).not.toContain("t1");
  expect(server.state.seen).toHaveLength(2);
  await access.close();
});

test("a server whose certificate is for another name is not talked to", async () => {
  await using server = await tlsServer("127.0.0.9");
  const { access, get } = restOf(server.kubeconfig);
  const error = await get().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnavailableError);
  expect(server.state.seen).toEqual([]);
  await access.close();
});

test.each([
  [{ kubeconfig: "/nowhere/config" }, "kubeconfig could not be loaded"],
  [{}, "kubeconfig could not be loaded"],
])("credentials that are not there (%j) are a clear error", (options, message) => {
  expect(() => openAccess(options, { HOME: "/nowhere" })).toThrow(KubeAccessError);
  expect(() => openAccess(options, { HOME: "/nowhere" })).toThrow(message);
});

test("a context that is not in the kubeconfig is a clear error", async () => {
  await using server = await tlsServer();
  expect(() => openAccess({ kubeconfig: server.kubeconfig, context: "typo" })).toThrow('context "typo"');
});
