import { describe, expect, test } from "vitest";
import { toCluster, toNodeGroup } from "../../../../plugins/providers/openstack/cluster.ts";
import { hasAll } from "../../../../plugins/providers/openstack/identify.ts";
import { stacksOf } from "../../../../plugins/providers/openstack/roster.ts";
import { stackInAddress, toFailedResource, toServerRow } from "../../../../plugins/providers/openstack/stack.ts";
import { bootVolume } from "../../../../plugins/providers/openstack/volume.ts";
import { serverId } from "./nova-server.ts";

const address = "http://heat.example:8004/v1/0123/stacks/k8s-abc-2-x/0a1b";
const row = (fields: object = {}) => ({
  resource_name: "kube-minion",
  resource_type: "OS::Nova::Server",
  resource_status: "CREATE_COMPLETE",
  physical_resource_id: serverId.toUpperCase(),
  parent_resource: "2",
  links: [
    { rel: "self", href: `${address}/resources/kube-minion` },
    { rel: "stack", href: address },
  ],
  ...fields,
});

describe("rows of a stack", () => {
  test("a server's place is its index and the stack that holds it", () => {
    expect(toServerRow(row())).toEqual({
      serverId,
      resource: "kube-minion",
      status: "CREATE_COMPLETE",
      index: 2,
      home: { name: "k8s-abc-2-x", id: "0a1b" },
    });
  });

  test("a server that is not made yet has no id, one outside a group no index", () => {
    expect(toServerRow(row({ physical_resource_id: "", parent_resource: "kube_minions" }))).toMatchObject({
      serverId: undefined,
      index: undefined,
    });
  });

  test.each(["OS::Nova::ServerGroup", "OS::Heat::ResourceGroup", undefined])("%s is no server", (type) => {
    expect(toServerRow(row({ resource_type: type }))).toBeUndefined();
  });

  test("only failed ones are failed, whatever the service's filter lets through", () => {
    expect(toFailedResource(row())).toBeUndefined();
    expect(toFailedResource(row({ resource_status: "CHECK_FAILED" }))).toMatchObject({ serverId, homeId: "0a1b" });
  });
});

test.each([
  [address, { name: "k8s-abc-2-x", id: "0a1b" }],
  [`${address}/`, { name: "k8s-abc-2-x", id: "0a1b" }],
  [`${address}?x=1`, { name: "k8s-abc-2-x", id: "0a1b" }],
  ["http://heat.example/v1/0123/stacks/a%20b/0a1b", { name: "a b", id: "0a1b" }],
  ["http://heat.example/v1/0123/stacks/only-a-name", undefined],
  ["", undefined],
])("the stack in the address %s", (text, expected) => {
  expect(stackInAddress(text)).toEqual(expected);
});

test("the default groups share the cluster's stack, each further one has its own", () => {
  const cluster = toCluster({ uuid: "u", status: "CREATE_COMPLETE", node_count: 1, stack_id: "root" });
  const group = (name: string, stackId: string) =>
    toNodeGroup({ name, role: "worker", status: "CREATE_COMPLETE", node_count: 1, stack_id: stackId });
  const groups = [group("default-master", "root"), group("default-worker", "root"), group("extra", "second")];
  expect(
    cluster &&
      stacksOf(
        cluster,
        groups.flatMap((one) => one ?? []),
      ),
  ).toEqual([
    { stackId: "root", groups: ["default-master", "default-worker"] },
    { stackId: "second", groups: ["extra"] },
  ]);
  expect(cluster && stacksOf(cluster, [])).toEqual([{ stackId: "root", groups: [] }]);
});

describe("which volume a server boots from", () => {
  const boot = { id: "boot", status: "in-use", isBootable: true, imageId: "i" };
  const data = { id: "data", status: "in-use", isBootable: false, imageId: undefined };
  const second = { ...boot, id: "second" };

  test("the only one that was made from an image", () => {
    expect(bootVolume([data, boot], new Map())).toBe(boot);
  });

  test("of two the one on the first disk", () => {
    expect(
      bootVolume(
        [second, boot],
        new Map([
          ["boot", "/dev/vda"],
          ["second", "/dev/vdb"],
        ]),
      ),
    ).toBe(boot);
  });

  test("none when the first disk was made from no image, though another one was", () => {
    const devices = new Map([
      ["data", "/dev/vda"],
      ["second", "/dev/vdb"],
    ]);
    expect(bootVolume([data, second], devices)).toBeUndefined();
  });

  test("none when they cannot be told apart", () => {
    expect(bootVolume([second, boot], new Map())).toBeUndefined();
    expect(bootVolume([data], new Map([["data", "/dev/vda"]]))).toBeUndefined();
  });
});

test("a server is selected by all of the wanted metadata", () => {
  expect(hasAll({ cluster: "k8s", a: "1" }, { cluster: "k8s" })).toBe(true);
  expect(hasAll({ cluster: "k9s" }, { cluster: "k8s" })).toBe(false);
  expect(hasAll({}, {})).toBe(true);
});
