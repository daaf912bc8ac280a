import { expect, test } from "vitest";
import { chooseMode } from "../../../../plugins/providers/openstack/mode.ts";

const all = ["compute", "orchestration", "container-infra"];
const cluster = { clusterName: "k8s", stack: undefined };
const stack = { clusterName: undefined, stack: "nodes" };
const both = { clusterName: "k8s", stack: "nodes" };
const none = { clusterName: undefined, stack: undefined };

test.each([
  ["magnum", 0, cluster, all],
  ["magnum", 0, cluster, undefined],
  ["nova", 1, cluster, ["compute", "orchestration"]],
  ["nova", 1, cluster, ["compute", "container-infra"]],
  ["heat", 0, stack, all],
  ["heat", 0, stack, undefined],
  ["nova", 1, stack, ["compute"]],
  ["magnum", 0, both, all],
  ["heat", 1, both, ["compute", "orchestration"]],
  ["nova", 0, none, all],
  ["nova", 0, none, undefined],
])("%s with %d warnings for %j in a cloud with %j", (mode, warnings, wished, services) => {
  const choice = chooseMode(wished, services && new Set(services));
  expect([choice.mode, choice.warnings.length]).toEqual([mode, warnings]);
});

test("a warning says what is missing and what is not used", () => {
  expect(chooseMode(cluster, new Set(["compute", "orchestration"])).warnings).toEqual([
    "cluster-name is k8s, but the catalog has no container-infra: Magnum's labels, status and resize are not used",
  ]);
});
