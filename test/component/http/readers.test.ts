import { afterAll, beforeAll, expect, test } from "vitest";
import { type PageRig, pageRig } from "./page-rig.ts";

let rig: PageRig;
beforeAll(async () => {
  rig = await pageRig({ readersNeedToken: true });
  const { people } = rig.kube;
  people.put("prometheus", {
    name: "prometheus",
    isAllowed: ({ path, verb }) => path === "/metrics" && verb === "get",
  });
  people.put("reader", {
    name: "reader",
    isAllowed: ({ path, verb }) => path === "/aceso/status-page" && verb === "get",
  });
  // What every authenticated user has by the ClusterRole system:discovery.
  people.put("anybody", { name: "anybody", isAllowed: ({ path = "" }) => path === "/api" || path.startsWith("/api/") });
});
afterAll(async () => rig[Symbol.asyncDispose]());

const shown = ["/", "/assets/page.js", "/api/v1/ward", "/api/v1/ward/stream", "/api/v1/nodes", "/api/v1/nodes/n1"];
const status = async (path: string, token?: string) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await rig.ask(path, { headers })).status;
};

test.each([...shown, "/metrics"])(
  "beyond loopback nothing is shown without a token that may see it: %s",
  async (path) => {
    expect(await status(path)).toBe(401);
    expect(await status(path, "nobodys")).toBe(401);
    expect(await status(path, "anybody")).toBe(403);
  },
);

test("who may read metrics sees metrics, who may read the page sees the page", async () => {
  expect(await status("/metrics", "prometheus")).toBe(200);
  expect(await status("/metrics", "reader")).toBe(403);
  for (const path of shown.filter((it) => !it.endsWith("stream"))) {
    expect([path, await status(path, "reader")]).toEqual([path, 200]);
    expect([path, await status(path, "prometheus")]).toEqual([path, 403]);
  }
});

test("metrics come in the format that Prometheus asks for", async () => {
  const { headers } = await rig.ask("/metrics", { headers: { authorization: "Bearer prometheus" } });
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
});

test("while the API server does not answer, nobody is believed", async () => {
  rig.kube.faults.add({ match: { path: /tokenreviews/ }, fault: { kind: "answer", code: 500 }, times: 9 });
  expect(await status("/metrics", "somebody")).toBe(503);
});
