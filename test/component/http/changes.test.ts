import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WardPerson } from "../../../src/http/ward.ts";
import { type PageRig, pageRig } from "./page-rig.ts";

let rig: PageRig;
beforeAll(async () => {
  rig = await pageRig();
  rig.kube.people.put("janes", { name: "jane@example.com", isAllowed: () => true });
  rig.kube.people.put("johns", {
    name: "john",
    isAllowed: ({ resource, verb, name }) => resource === "nodes" && verb === "patch" && name !== "n2",
  });
});
afterAll(async () => rig[Symbol.asyncDispose]());

const headers = (token: string) => ({
  "content-type": "application/json",
  "x-aceso-request": "1",
  authorization: `Bearer ${token}`,
});
const post = (path: string, body: object, token = "janes") =>
  rig.ask(path, { method: "POST", headers: headers(token), body: JSON.stringify(body) });
const annotationsOf = (plural: string, key: string) => rig.kube.store.get(plural, key)?.metadata.annotations ?? {};

describe("a person with the rights", () => {
  test("pauses a node under the name that the API server knows, and resumes it", async () => {
    const until = "2999-01-01T00:00:00Z";
    const paused = await post("/api/v1/nodes/n1/pause", { reason: " moving racks ", until });
    expect([paused.status, JSON.parse(paused.text).message]).toEqual([200, `node/n1 paused until ${until}`]);
    expect(annotationsOf("nodes", "n1")).toMatchObject({
      "aceso.dev/paused": "moving racks",
      "aceso.dev/paused-until": until,
      "aceso.dev/paused-by": "jane@example.com",
    });
    expect((await post("/api/v1/nodes/n1/resume", {})).status).toBe(200);
    expect(Object.keys(annotationsOf("nodes", "n1")).filter((key) => key.startsWith("aceso.dev/"))).toEqual([]);
  });

  test("pauses the cluster for a while, and a pause replaces the one before whole", async () => {
    expect((await post("/api/v1/pause", { reason: "first", for: "30m" })).status).toBe(200);
    const first = annotationsOf("daemonsets", "aceso/aceso");
    expect(Date.parse(first["aceso.dev/paused-until"] ?? "")).toBeGreaterThan(Date.now() + 29 * 60_000);
    expect((await post("/api/v1/pause", { reason: "second" })).status).toBe(200);
    expect(annotationsOf("daemonsets", "aceso/aceso")).toMatchObject({ "aceso.dev/paused": "second" });
    expect(annotationsOf("daemonsets", "aceso/aceso")).not.toHaveProperty("aceso.dev/paused-until");
    expect((await post("/api/v1/resume", {})).status).toBe(200);
    expect(annotationsOf("daemonsets", "aceso/aceso")).not.toHaveProperty("aceso.dev/paused");
  });

  test("asks for a repair, which is told to the leader as the command would", async () => {
    expect((await post("/api/v1/nodes/n3/repair", { reason: "it stutters" })).status).toBe(200);
    const asked = rig.kube.store.get("noderepairs", "n3");
    expect(asked?.spec).toMatchObject({
      request: { kind: "repair", id: expect.stringMatching(/^request-/), askedAt: expect.any(String) },
      reason: "it stutters",
      requestedBy: "jane@example.com",
    });
  });

  test("writes with his own token, so the API server's own rules hold", async () => {
    rig.kube.log.clear();
    await post("/api/v1/nodes/n1/pause", {});
    const [written] = rig.kube.log.entries.filter(({ method }) => method === "PATCH");
    expect(written?.instance).toBe("janes");
    await post("/api/v1/nodes/n1/resume", {});
  });
});

test("a right on one node is no right on another", async () => {
  expect((await post("/api/v1/nodes/n1/pause", {}, "johns")).status).toBe(200);
  expect((await post("/api/v1/nodes/n2/pause", {}, "johns")).status).toBe(403);
  expect((await post("/api/v1/pause", {}, "johns")).status).toBe(403);
  expect((await post("/api/v1/nodes/n1/repair", {}, "johns")).status).toBe(403);
  expect(annotationsOf("nodes", "n2")).not.toHaveProperty("aceso.dev/paused");
  await post("/api/v1/nodes/n1/resume", {}, "johns");
});

test("a person is told who he is and what he may do", async () => {
  const me = async (token: string) =>
    JSON.parse((await rig.ask("/api/v1/me", { headers: headers(token) })).text) as WardPerson;
  const all = { mayPauseCluster: true, mayPauseNodes: true, mayRepair: true };
  expect(await me("janes")).toEqual({ name: "jane@example.com", ...all });
  expect(await me("johns")).toEqual({ name: "john", mayPauseCluster: false, mayPauseNodes: true, mayRepair: false });
  expect((await rig.ask("/api/v1/me")).status).toBe(401);
});

test("a token that was withdrawn changes nothing, though it is still remembered here", async () => {
  rig.kube.people.put("passing", { name: "temp", isAllowed: () => true });
  expect((await post("/api/v1/nodes/n1/resume", {}, "passing")).status).toBe(200);
  rig.kube.revokeToken("passing");
  expect((await post("/api/v1/nodes/n1/pause", {}, "passing")).status).toBe(401);
  expect(annotationsOf("nodes", "n1")).not.toHaveProperty("aceso.dev/paused");
});
