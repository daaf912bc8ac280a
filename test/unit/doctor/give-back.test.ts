import { describe, expect, test } from "vitest";
import type { NodeFacts } from "../../../src/core/model.ts";
import { giveBack } from "../../../src/doctor/give-back.ts";
import { seen } from "../../../src/doctor/seen.ts";
import { notReady, record } from "../../support/core-builders.ts";
import { beat, cluster, facts, machine, missing } from "./fixtures.ts";

const taints = [{ key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }];
const marks = (bootID: string, wasUnschedulable: boolean) => ({
  "aceso.dev/marks": JSON.stringify({ repairId: "r1", bootID, marks: { cordon: { wasUnschedulable, atWallMs: 1 } } }),
});
const held = (name: string, changes: Partial<NodeFacts> = {}) =>
  machine(name, { taints, isUnschedulable: true, annotations: marks("an earlier boot", false), ...changes });

function of(nodes: readonly NodeFacts[], changes: Parameters<typeof cluster>[0] = {}) {
  const leases = seen(nodes.map(({ name }) => beat(name)));
  return giveBack(cluster({ nodes: seen(nodes), leases, ...changes }), facts());
}
const commandsOf = (steps: ReturnType<typeof of>) =>
  steps.flatMap((it) => (it.onceThat === undefined ? it.commands : []));
const stepOf = (steps: ReturnType<typeof of>, node: string) => steps.find((it) => it.what.startsWith(`Node ${node} `));

describe("a node with marks", () => {
  test("that lives and has booted anew gets everything back, between the replicas' end and the rest", () => {
    expect(commandsOf(of([held("w1")]))).toEqual([
      "kubectl -n aceso delete daemonset aceso --ignore-not-found",
      "kubectl taint node w1 node.kubernetes.io/out-of-service:NoExecute-",
      "kubectl uncordon w1",
      "kubectl annotate node w1 aceso.dev/marks-",
      "kubectl delete -f manifests/aceso.yaml --ignore-not-found",
    ]);
  });

  test("that lives without having booted anew must be rebooted first", () => {
    const node = held("w1", { annotations: marks("boot-1", false), bootID: "boot-1" });
    expect(stepOf(of([node]), "w1")?.onceThat).toMatch(/^w1 was rebooted and shows another boot ID than boot-1/);
  });

  test("that is silent is waited for, and so is all that comes after it", () => {
    const steps = of([held("w1", notReady), held("w2")], { leases: seen([beat("w1", 600_000), beat("w2")]) });
    expect(stepOf(steps, "w1")?.onceThat).toMatch(
      /switched on, is Ready and shows another boot ID.*kubectl delete node w1/,
    );
    expect(stepOf(steps, "w2")?.onceThat).toBeUndefined();
    const order = steps.map(({ what }) => what.split(" ").slice(0, 2).join(" "));
    expect(order.indexOf("Node w2")).toBeLessThan(order.indexOf("Node w1"));
    expect(steps.at(-1)).toMatchObject({ onceThat: expect.stringContaining("back in service") });
  });

  test("keeps a person's cordon", () => {
    const step = stepOf(of([held("w1", { annotations: marks("an earlier boot", true) })]), "w1");
    expect(step?.what).toContain("a cordon of somebody else, which stays");
    expect(step?.commands.join()).not.toContain("uncordon");
  });
});

test("a taint without a mark or record of ours is somebody else's", () => {
  expect(stepOf(of([machine("w1", { taints })]), "w1")).toBeUndefined();
  const ours = record({ node: "w1", phase: "Held", marks: { outOfService: { atWallMs: 1 } } });
  const records = seen(new Map([["w1", { kind: "record", record: ours } as const]]));
  expect(stepOf(of([machine("w1", { taints })], { records }), "w1")).toBeDefined();
});

test("repairs under way are named before the replicas are stopped, and the journal is kept before it goes", () => {
  const active = record({ node: "w1", phase: "Fencing" });
  const steps = of([machine("w1")], { records: seen(new Map([["w1", { kind: "record", record: active } as const]])) });
  expect(steps[0]?.what).toContain("Under repair now: w1 (Fencing)");
  expect(commandsOf(steps).slice(-3, -1)).toEqual([
    "kubectl get noderepairs -o yaml > noderepairs.yaml",
    "kubectl delete noderepairs --all",
  ]);
});

test("annotations of people go together", () => {
  const node = machine("w1", { annotations: { "aceso.dev/keep-disk": "true" } });
  expect(commandsOf(of([node, machine("w2")]))).toContainEqual(
    expect.stringMatching(/^kubectl annotate node w1 aceso\.dev\/paused- .*aceso\.dev\/keep-disk-$/),
  );
});

test("where Aceso never was there is nothing to do", () => {
  const nothing = {
    customResources: new Map(),
    admission: new Map(),
    daemonSet: missing,
    leader: missing,
    records: missing,
  };
  expect(of([machine("w1")], nothing)).toEqual([]);
});
