import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenStackCall } from "../../../../../plugins/shared/openstack/call.ts";
import { openSession } from "../../../../../plugins/shared/openstack/open-session.ts";
import { settingsFrom } from "../../../../../plugins/shared/openstack/settings.ts";
import { makeAuthority } from "../../../../support/certificates.ts";
import { hastyClock } from "../../../../support/hasty-clock.ts";
import { recordingLog } from "../../../../support/recording-log.ts";
import { password, sessionWith, startStubCloud } from "./stub-cloud.ts";

const authority = makeAuthority("cloud-ca");
const cloudCert = authority.issue({ commonName: "cloud", altNames: ["127.0.0.1"] });
const clients = makeAuthority("client-ca");
const healer = clients.issue({ commonName: "healer" });
const stranger = makeAuthority("other-ca").issue({ commonName: "healer" });
const stop: OpenStackCall = {
  service: "compute",
  method: "POST",
  path: "/servers/S/action",
  body: { "os-stop": null },
  signal: new AbortController().signal,
};
let folder = "";
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-openstack-tls-"));
  await writeFile(file("ca.pem"), authority.cert);
  for (const [name, { cert, key }] of Object.entries({ healer, stranger })) {
    await writeFile(file(`${name}.pem`), cert);
    await writeFile(file(`${name}.key`), key);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("over TLS", () => {
  test("a cloud is trusted by its ca-file", async () => {
    await using cloud = await startStubCloud(cloudCert);
    await using session = sessionWith(cloud, { "ca-file": file("ca.pem") });
    expect((await session.call(stop)).status).toBe(200);
  });

  test("a cloud of an authority that is not known gets no password", async () => {
    await using cloud = await startStubCloud(cloudCert);
    await using session = sessionWith(cloud);
    await expect(session.call(stop)).rejects.toThrow("UNABLE_TO_VERIFY_LEAF_SIGNATURE: check ca-file");
    expect(cloud.logins).toEqual([]);
  });

  test("tls-insecure trusts any cloud", async () => {
    await using cloud = await startStubCloud(cloudCert);
    await using session = sessionWith(cloud, { "tls-insecure": true });
    expect((await session.call(stop)).status).toBe(200);
  });

  test("a cloud that wants to know its clients gets cert-file and key-file", async () => {
    await using cloud = await startStubCloud(cloudCert, clients.cert);
    const own = { "ca-file": file("ca.pem"), "cert-file": file("healer.pem"), "key-file": file("healer.key") };
    await using session = sessionWith(cloud, own);
    expect((await session.call(stop)).status).toBe(200);
  });

  test("a change without the certificate that the service wants was certainly not carried out", async () => {
    await using keystone = await startStubCloud(cloudCert);
    await using cloud = await startStubCloud(cloudCert, clients.cert);
    const overrides = { "endpoint-overrides": { compute: `${cloud.url}/v2.1` } };
    await using session = sessionWith(keystone, { "ca-file": file("ca.pem"), ...overrides });
    const call = session.call(stop);
    await expect(call).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    await expect(call).rejects.toThrow(
      "not sent: ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: check cert-file and key-file",
    );
    expect(cloud.calls).toEqual([]);
  });

  test("a renewed certificate is used without a restart", async () => {
    await using cloud = await startStubCloud(cloudCert, clients.cert);
    const [cert, key] = [file("renewed.pem"), file("renewed.key")];
    await writeFile(cert, stranger.cert);
    await writeFile(key, stranger.key);
    await using session = sessionWith(cloud, { "ca-file": file("ca.pem"), "cert-file": cert, "key-file": key });
    await expect(session.call(stop)).rejects.toMatchObject({ remedy: "retry" });
    await writeFile(cert, healer.cert);
    await writeFile(key, healer.key);
    expect((await session.call(stop)).status).toBe(200);
  });
});

describe("a proxy of the environment", () => {
  // A host that only the proxy can reach: it sends every tunnel to the stub.
  const viaProxy = (url: string, environment: Record<string, string>, params: object = {}) => {
    const section = { "auth-url": url, "user-id": "U", password, "ca-file": file("ca.pem"), ...params };
    return openSession(settingsFrom(section), { clock: hastyClock(), log: recordingLog(), environment });
  };

  test("is asked for a tunnel to a cloud elsewhere", async () => {
    const named = authority.issue({ commonName: "cloud", altNames: ["cloud.invalid", "127.0.0.1"] });
    await using cloud = await startStubCloud(named);
    await using proxy = await startProxy(Number(new URL(cloud.url).port));
    const overrides = { "endpoint-overrides": { compute: "https://cloud.invalid/compute/v2.1" } };
    const session = viaProxy("https://cloud.invalid/identity", { HTTPS_PROXY: proxy.url }, overrides);
    expect((await session.call(stop)).status).toBe(200);
    await session.close();
    expect(proxy.tunnels).toEqual(["cloud.invalid:443", "cloud.invalid:443"]);
  });

  test("whose tunnel is refused has certainly not passed a change on", async () => {
    await using cloud = await startStubCloud(cloudCert);
    await using proxy = await startProxy(undefined);
    const overrides = { "endpoint-overrides": { compute: "https://cloud.invalid/compute/v2.1" } };
    const session = viaProxy(cloud.url, { https_proxy: proxy.url }, overrides);
    await expect(session.call(stop)).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    await session.close();
    expect(proxy.tunnels).toEqual(["cloud.invalid:443"]);
  });

  test("that loses a change after its tunnel stood leaves the outcome unknown", async () => {
    const named = authority.issue({ commonName: "cloud", altNames: ["cloud.invalid", "127.0.0.1"] });
    await using cloud = await startStubCloud(named);
    await using proxy = await startProxy(Number(new URL(cloud.url).port));
    cloud.replies.push("reset");
    const overrides = { "endpoint-overrides": { compute: "https://cloud.invalid/compute/v2.1" } };
    const session = viaProxy(cloud.url, { HTTPS_PROXY: proxy.url }, overrides);
    await expect(session.call(stop)).rejects.toMatchObject({ name: "OpenStackOutcomeUnknownError" });
    await session.close();
  });

  test("is left out for this machine itself and for NO_PROXY", async () => {
    await using cloud = await startStubCloud(cloudCert);
    await using proxy = await startProxy(undefined);
    const session = viaProxy(cloud.url, { HTTPS_PROXY: proxy.url, NO_PROXY: "cloud.invalid" });
    expect((await session.call(stop)).status).toBe(200);
    await session.close();
    expect(proxy.tunnels).toEqual([]);
  });
});

interface Proxy extends AsyncDisposable {
  readonly url: string;
  readonly tunnels: string[];
}

/** @param port where every tunnel leads; undefined: 502 to all */
async function startProxy(port: number | undefined): Promise<Proxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer();
  server.on("connect", (request, socket: Socket) => {
    tunnels.push(request.url ?? "");
    sockets.add(socket);
    socket.on("error", () => {});
    if (port === undefined) return void socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    const far = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      far.pipe(socket).pipe(far);
    });
    far.on("error", () => socket.destroy());
    far.on("close", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
