import { describe, expect, test } from "vitest";
import { type Cluster, type NodeGroup, toCluster } from "../../../../plugins/providers/openstack/cluster.ts";
import { interlockOfCluster, interlockOfStack } from "../../../../plugins/providers/openstack/interlock.ts";

const cluster = (fields: object = {}): Cluster => {
  const labels = { auto_healing_enabled: "true" };
  const read = toCluster({ uuid: "u", name: "k8s", status: "UPDATE_COMPLETE", node_count: 3, labels, ...fields });
  if (read === undefined) throw new Error("this is no cluster");
  return read;
};
const group = (status: string): NodeGroup => ({
  ...{ name: "extra", role: "worker", isDefault: false, nodeCount: 2, status, stackId: "s" },
});

describe("Magnum's own reasons not to act", () => {
  test.each([
    [undefined, cluster(), undefined],
    [undefined, cluster({ status: "CREATE_COMPLETE" }), group("UPDATE_COMPLETE")],
    [undefined, cluster({ labels: { auto_healing_enabled: "True" } }), undefined],
    ["everything", cluster({ labels: { auto_healing_enabled: "false" } }), undefined],
    ["everything", cluster({ labels: {} }), undefined],
    ["everything", cluster({ labels: { auto_healing_enabled: "yes" }, status: "UPDATE_IN_PROGRESS" }), undefined],
    ["machine", cluster({ status: "UPDATE_IN_PROGRESS" }), undefined],
    ["machine", cluster({ status: "DELETE_COMPLETE" }), undefined],
    ["machine", cluster({ status: "SOMETHING_NEW" }), undefined],
    ["destruction", cluster({ status: "UPDATE_FAILED" }), undefined],
    ["machine", cluster(), group("UPDATE_IN_PROGRESS")],
    ["machine", cluster({ status: "UPDATE_FAILED" }), group("UPDATE_IN_PROGRESS")],
    ["destruction", cluster(), group("CREATE_FAILED")],
  ])("stops %s", (stops, its, own) => {
    expect(interlockOfCluster(its, own)?.stops).toBe(stops);
  });

  test("are told in its own words", () => {
    expect(interlockOfCluster(cluster({ labels: { auto_healing_enabled: "false" } }), undefined)?.because).toBe(
      'label auto_healing_enabled of cluster k8s is "false", not "true"',
    );
    expect(
      interlockOfCluster(cluster({ status: "UPDATE_FAILED", status_reason: "default-worker failed" }), undefined),
    ).toEqual({
      stops: "destruction",
      because: "cluster k8s is UPDATE_FAILED (default-worker failed)",
    });
  });
});

test.each([
  [undefined, "CREATE_COMPLETE"],
  [undefined, "ROLLBACK_COMPLETE"],
  ["machine", "UPDATE_IN_PROGRESS"],
  ["machine", "DELETE_COMPLETE"],
  ["destruction", "UPDATE_FAILED"],
])("a stack stops %s while it is %s", (stops, status) => {
  expect(interlockOfStack({ name: "s", id: "i", status, reason: "" })?.stops).toBe(stops);
});
