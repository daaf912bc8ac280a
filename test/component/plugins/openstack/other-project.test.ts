import { expect, test } from "vitest";
import { makeOpenStack, never, nodeOf } from "../../../support/openstack-provider.ts";
import { thrownBy } from "../../../support/openstack-provider-contract/scene.ts";
import { simulatedCloud } from "./simulated.ts";

test("a server of another project is refused, though an admin is shown it and its metadata fit", async () => {
  await using cloud = await simulatedCloud();
  const { id } = await cloud.createServer("node-1", { metadata: { cluster: "k8s" } });
  const section = { machines: { cluster: "k8s" } };
  const provider = await makeOpenStack({ account: cloud.adminAccount }, { section });
  expect(await provider.identify(nodeOf(id), never)).toBe(id);
  const server = cloud.state.compute.servers.get(id);
  if (server !== undefined) Object.assign(server, { projectId: "0".repeat(32) });
  expect(await thrownBy(() => provider.identify(nodeOf(id), never))).toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("of another project"),
  });
});
