import { expect, test } from "vitest";
import { startSimulatedCloud } from "../../sim/openstack/start.ts";
import { startCloudNodes } from "../../support/cloud-nodes/cloud-nodes.ts";
import { simulatedWorld } from "../../support/simulated-world.ts";

/** A world with one server that is watched, and its Node Ready. */
async function withServer() {
  const world = await simulatedWorld();
  const { clock, kube, api } = world;
  const cloud = await startSimulatedCloud({ clock });
  const server = await cloud.createServer("one");
  const nodes = startCloudNodes({ cloud, api, clock });
  nodes.watchServer(server.id);
  const read = (name = "one") => kube.store.get("nodes", name);
  const renewedAt = () => kube.store.get("leases", "kube-node-lease/one")?.spec.renewTime;
  await clock.runUntil(() => read() !== undefined && renewedAt() !== undefined, 30_000, "a Node");
  await clock.advance(1_000);
  return {
    ...{ clock, cloud, server, nodes, read, renewedAt },
    bootID: () => read()?.status.nodeInfo.bootID,
    async isSilent() {
      const before = renewedAt();
      await clock.advance(25_000);
      return renewedAt() === before;
    },
    async [Symbol.asyncDispose]() {
      await nodes.stop();
      await cloud[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

test("a running server has a Node with its name, id and address", async () => {
  await using it = await withServer();
  const { server } = it;
  expect(it.read()).toMatchObject({
    metadata: { name: "one" },
    spec: { providerID: `openstack:///${server.id}` },
    status: {
      nodeInfo: { systemUUID: server.id },
      addresses: expect.arrayContaining([{ type: "InternalIP", address: server.ip }]),
    },
  });
});

test("a stopped server has a silent kubelet, and a started one another boot ID", async () => {
  await using it = await withServer();
  const before = it.bootID();
  await it.cloud.act(it.server.id, { "os-stop": null });
  await it.clock.advance(5_000);
  expect(await it.isSilent()).toBe(true);
  expect(it.bootID()).toBe(before);
  await it.cloud.act(it.server.id, { "os-start": null });
  await it.clock.advance(10_000);
  expect(it.bootID()).not.toBe(before);
  expect(await it.isSilent()).toBe(false);
});

test.each([
  { name: "a soft reboot", action: { reboot: { type: "SOFT" } } },
  { name: "a hard reboot", action: { reboot: { type: "HARD" } } },
  { name: "a rebuild", action: { rebuild: { imageRef: "" } } },
])("$name gives another boot ID", async ({ action }) => {
  await using it = await withServer();
  const before = it.bootID();
  const imageRef = it.cloud.state.imageId;
  await it.cloud.act(it.server.id, "rebuild" in action ? { rebuild: { imageRef } } : action);
  await it.clock.advance(10_000);
  expect(it.bootID()).not.toBe(before);
});

test("a paused server keeps its memory: silent, then the same boot ID", async () => {
  await using it = await withServer();
  const before = it.bootID();
  await it.cloud.act(it.server.id, { pause: null });
  await it.clock.advance(5_000);
  expect(await it.isSilent()).toBe(true);
  await it.cloud.act(it.server.id, { unpause: null });
  await it.clock.advance(10_000);
  expect(it.bootID()).toBe(before);
  expect(await it.isSilent()).toBe(false);
});

test("a kubelet that stopped, or a server that hangs, is silent until the next boot", async () => {
  await using it = await withServer();
  const { machine } = it.nodes.node("one");
  for (const strike of [() => machine.stopKubelet(), () => machine.hang()]) {
    strike();
    expect(await it.isSilent()).toBe(true);
    expect(await it.cloud.server(it.server.id)).toMatchObject({ status: "ACTIVE", powerState: 1 });
    await it.cloud.act(it.server.id, { reboot: { type: "HARD" } });
    await it.clock.advance(15_000);
    expect(await it.isSilent()).toBe(false);
  }
});

test("servers that appear in a watched cluster get Nodes, and those that go lose their kubelets", async () => {
  await using it = await withServer();
  it.nodes.watchCluster({ name: "k8s" });
  const master = await it.cloud.createServer("k8s-abc-master-0");
  await it.cloud.createServer("other-abc-node-0");
  await it.clock.advance(10_000);
  expect(it.read(master.name)?.metadata.labels).toHaveProperty(["node-role.kubernetes.io/control-plane"]);
  expect(it.read("other-abc-node-0")).toBeUndefined();
  await it.cloud.deleteServer(it.server.id);
  await it.clock.advance(10_000);
  expect(await it.isSilent()).toBe(true);
  expect(it.nodes.nodes.map(({ name }) => name)).toEqual([master.name]);
});
