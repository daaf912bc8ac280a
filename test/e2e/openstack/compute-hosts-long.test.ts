import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { OpenStackCloud } from "../../support/openstack-cloud.ts";
import { Caller } from "./caller.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

let cloud: OpenStackCloud;

beforeAll(async () => {
  cloud = await joinOpenStack(inject("openStack"), { zone: "risky-3" });
});

afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]();
});

test("a stop on a dead compute host stays pending, and is carried out when the host comes back", async () => {
  const caller = new Caller(cloud.account);
  const { id } = await cloud.createServer("victim");
  await cloud.setComputeHost(id, "dead");
  expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE", powerState: 1, taskState: null });
  expect((await caller.nova("POST", `/servers/${id}/action`, { "os-stop": null })).status).toBe(202);
  expect((await caller.nova("POST", `/servers/${id}/action`, { "os-stop": null })).status).toBe(409);
  expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE", taskState: "powering-off" });
  await cloud.setComputeHost(id, "alive");
  await eventually("the stop was carried out", async () => (await cloud.server(id))?.status === "SHUTOFF", {
    withinMs: 240_000,
  });
  expect(await cloud.server(id)).toMatchObject({ powerState: 4, taskState: null, boots: 1 });
});

test("a server is evacuated from a dead host to the other one, and stays there when its host comes back", async () => {
  const { id } = await cloud.createServer("refugee");
  await cloud.setComputeHost(id, "dead");
  expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE", boots: 1 });
  await cloud.act(id, { evacuate: {} });
  await eventually(
    "it runs elsewhere",
    async () => {
      const server = await cloud.server(id);
      return server?.status === "ACTIVE" && server.taskState === null && server.boots === 2;
    },
    { withinMs: 240_000 },
  );
  await cloud.setComputeHost(id, "alive");
  expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE", powerState: 1, boots: 2 });
});
