import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type PageRig, pageRig } from "./page-rig.ts";

const json = { "content-type": "application/json", "x-aceso-request": "1" };
const as = (token: string) => ({ ...json, authorization: `Bearer ${token}` });
const pauses = ["/api/v1/pause", "/api/v1/nodes/n1/pause", "/api/v1/nodes/n1/resume", "/api/v1/nodes/n1/repair"];

// One rig for all that change nothing on it.
let rig: PageRig;
beforeAll(async () => {
  rig = await pageRig({ hostNames: ["aceso.example"] });
});
beforeEach(() => rig.kube.people.put("janes", { name: "jane", isAllowed: () => true }));
afterAll(async () => rig[Symbol.asyncDispose]());

describe("a change is refused", () => {
  test.each(pauses)("without a token: %s", async (path) => {
    const { status, headers, text } = await rig.ask(path, { method: "POST", headers: json, body: "{}" });
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(JSON.parse(text)).toMatchObject({ code: "unauthorized" });
    expect(writes(rig)).toEqual([]);
  });

  test("with a token that the API server does not know, and it is asked once", async () => {
    const asked = { method: "POST", headers: as("nobodys"), body: "{}" };
    expect((await rig.ask("/api/v1/nodes/n1/pause", asked)).status).toBe(401);
    expect((await rig.ask("/api/v1/nodes/n2/pause", asked)).status).toBe(401);
    expect(rig.kube.log.entries.filter((it) => it.path.endsWith("/tokenreviews"))).toHaveLength(1);
    expect(writes(rig)).toEqual([]);
  });

  test.each(pauses)("with the token of somebody without the right: %s", async (path) => {
    rig.kube.people.put("johns", { name: "john", isAllowed: ({ verb }) => verb === "get" });
    const { status, text } = await rig.ask(path, { method: "POST", headers: as("johns"), body: "{}" });
    expect(status).toBe(403);
    expect(JSON.parse(text).message).toContain("john may not");
    expect(writes(rig)).toEqual([]);
  });

  test.each([
    ["of another origin", { ...as("janes"), origin: "https://evil.example" }, 403],
    ["of another port", { ...as("janes"), origin: "http://127.0.0.1:1" }, 403],
    ["that says that it is cross-site", { ...as("janes"), "sec-fetch-site": "cross-site" }, 403],
    [
      "as a form would send it",
      { authorization: "Bearer janes", "content-type": "text/plain", "x-aceso-request": "1" },
      415,
    ],
    ["without the script's header", { authorization: "Bearer janes", "content-type": "application/json" }, 403],
    ["from nowhere", { ...as("janes"), origin: "null" }, 403],
  ])("when a page sends it %s", async (_, headers, status) => {
    const answer = await rig.ask("/api/v1/nodes/n1/pause", { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(status);
    expect(writes(rig)).toEqual([]);
  });

  test.each([
    ["no JSON", "reason=x", 400],
    ["a list", "[]", 400],
    ["an unknown key", '{"reson":"x"}', 400],
    ["a reason that is no text", '{"reason":1}', 400],
    ["a reason that means the opposite", '{"reason":"false"}', 400],
    ["an end that is no time", '{"until":"tomorrow"}', 400],
    ["an end that is over", '{"until":"2020-01-01T00:00:00Z"}', 400],
    ["a span that is none", '{"for":"a while"}', 400],
    ["more than it may hold", JSON.stringify({ reason: "x".repeat(20_000) }), 413],
  ])("when its body is %s", async (_, body, status) => {
    const answer = await rig.ask("/api/v1/nodes/n1/pause", { method: "POST", headers: as("janes"), body });
    expect(answer.status).toBe(status);
    expect(writes(rig)).toEqual([]);
  });

  test("of a node that does not exist", async () => {
    for (const act of ["pause", "resume", "repair"]) {
      const path = `/api/v1/nodes/nowhere/${act}`;
      expect((await rig.ask(path, { method: "POST", headers: as("janes"), body: "{}" })).status).toBe(404);
    }
    expect(rig.kube.store.get("noderepairs", "nowhere")).toBeUndefined();
  });
});

describe("a request is refused", () => {
  test.each([
    ["evil.example", 403],
    ["evil.example:8081", 403],
    ["10.1.2.3", 403],
    ["127.0.0.1.evil.example", 403],
    ["localhost", 200],
    ["localhost:8081", 200],
    ["127.0.0.2:80", 200],
    ["[::1]:8081", 200],
    ["aceso.example", 200],
  ])("or not, by the name of the server: %s", async (host, status) => {
    expect((await rig.ask("/api/v1/nodes", { headers: { host } })).status).toBe(status);
    expect((await rig.ask("/", { headers: { host } })).status).toBe(status);
  });

  test.each([
    "/assets/../../../etc/passwd",
    "/assets/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2fpage.js",
    "/assets//page.js",
    "/assets/page.js%00.png",
    "/assets",
    "//etc/passwd",
    "/api/v1/nodes/../ward",
    "/api/v1/nodes/%2e%2e",
    "/api/v1/nodes/n1%2fpause",
    "/api/v1/__proto__",
    "/constructor",
  ])("when its path leads elsewhere: %s", async (path) => {
    expect((await rig.ask(path)).status).toBe(404);
  });

  test("when it asks in a way that the path does not know", async () => {
    const wrong = [
      ["OPTIONS", "/api/v1/ward", "GET, HEAD"],
      ["POST", "/api/v1/ward", "GET, HEAD"],
      ["DELETE", "/", "GET, HEAD"],
      ["PUT", "/metrics", "GET, HEAD"],
      ["HEAD", "/api/v1/ward/stream", "GET"],
      ["GET", "/api/v1/nodes/n1/pause", "POST"],
      ["OPTIONS", "/api/v1/pause", "POST"],
    ] as const;
    for (const [method, path, allow] of wrong) {
      const { status, headers } = await rig.ask(path, { method });
      expect([method, path, status, headers.allow]).toEqual([method, path, 405, allow]);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("when its headers are larger than 16 KiB", async () => {
    expect((await rig.ask("/api/v1/ward", { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
  });

  test("when it names a whole address, as to a proxy, or no host", async () => {
    for (const bytes of [
      "GET http://localhost/api/v1/ward HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
    ]) {
      const socket = await rig.raw();
      const heard = hear(socket);
      socket.end(bytes);
      expect(await heard).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  test("when its path is too long", async () => {
    expect((await rig.ask(`/api/v1/nodes?search=${"x".repeat(2_000)}`)).status).toBe(414);
  });

  test.each([
    ["headers do not end", "GET / HTTP/1.1\r\nHost: localhost\r\n"],
    [
      "body does not come",
      `POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\n${lines(json)}Content-Length: 10\r\n\r\n{`,
    ],
  ])("when its %s in time", async (_, bytes) => {
    await using strict = await pageRig({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    const socket = await strict.raw();
    const heard = hear(socket);
    socket.write(bytes);
    expect(await heard).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("when too many connections are open, and taken again when one has gone", async () => {
    await using strict = await pageRig({ limits: { maxConnections: 2 } });
    const open = [await strict.raw(), await strict.raw()];
    await expect(strict.ask("/api/v1/ward")).rejects.toThrow(/ECONNRESET|socket hang up/);
    open[0]?.destroy();
    await eventually("a free place", async () => (await strict.ask("/api/v1/ward")).status === 200);
    open[1]?.destroy();
  });
});

function lines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

/** All that comes until the other side ends. */
function hear(socket: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (part: Buffer) => {
      text += part.toString("latin1");
    });
    socket.once("close", () => resolve(text));
  });
}

/** What a person's wish would have changed. */
function writes({ kube }: PageRig): unknown[] {
  const annotated = [...kube.store.list("nodes"), ...kube.store.list("daemonsets")].filter((it) =>
    Object.keys(it.metadata.annotations ?? {}).some((key) => key.startsWith("aceso.dev/")),
  );
  return [...annotated, ...kube.store.list("noderepairs")];
}
