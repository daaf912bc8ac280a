import { describe, expect, test } from "vitest";
import type { NodeFacts } from "../../../src/core/model.ts";
import type { NodeMarks } from "../../../src/core/record.ts";
import { marksOf } from "../../../src/core/view.ts";
import { KubeNodeControl } from "../../../src/kube/node-control.ts";
import { KubeNodeWatch } from "../../../src/kube/node-watch.ts";
import { ConflictError } from "../../../src/kube/status-error.ts";
import { kubeRig, nodeObject, type Rig } from "./rig.ts";

const marks: NodeMarks = { repairId: "r1", bootID: "b1", marks: { cordon: { wasUnschedulable: false, atWallMs: 5 } } };
const noMarks: NodeMarks = { repairId: "r1", bootID: "b1", marks: {} };
const foreign = { key: "team", value: "x", effect: "NoSchedule", timeAdded: "2026-01-01T00:00:00Z" };

async function setUp(spec: object = {}): Promise<Rig & { control: KubeNodeControl; read: () => Promise<NodeFacts> }> {
  const rig = await kubeRig();
  rig.kube.store.put("nodes", nodeObject("n1", { spec }));
  const watch = new KubeNodeWatch(rig.rest, rig.log);
  const control = new KubeNodeControl(rig.rest, (object) => watch.project(object));
  const read = async () => {
    const node = await watch.readNode("n1", rig.signal);
    if (node === undefined) throw new Error("no node");
    return node;
  };
  return Object.assign(rig, { control, read });
}

const stored = (rig: Rig) => rig.kube.store.get("nodes", "n1")!;
const patches = (rig: Rig) => rig.kube.log.entries.filter((entry) => entry.method === "PATCH");

test("cordon and marks go in one patch, and come off in one patch", async () => {
  await using rig = await setUp();
  const cordoned = await rig.control.setUnschedulable(await rig.read(), true, marks, rig.signal);
  expect([cordoned.isUnschedulable, marksOf(cordoned)]).toEqual([true, marks]);
  const freed = await rig.control.setUnschedulable(cordoned, false, noMarks, rig.signal);
  expect([freed.isUnschedulable, marksOf(freed)]).toEqual([false, undefined]);
  expect(stored(rig).spec.unschedulable).toBe(undefined);
  expect(patches(rig)).toHaveLength(2);
});

test("our taint joins those of others, which keep every field, and leaves them alone again", async () => {
  await using rig = await setUp({ taints: [foreign] });
  const tainted = await rig.control.addOutOfServiceTaint(await rig.read(), marks, rig.signal);
  expect(stored(rig).spec.taints).toEqual([
    foreign,
    expect.objectContaining({ key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }),
  ]);
  const again = await rig.control.addOutOfServiceTaint(tainted, marks, rig.signal);
  expect(stored(rig).spec.taints).toHaveLength(2);
  await rig.control.removeOutOfServiceTaint(again, noMarks, rig.signal);
  expect(stored(rig).spec.taints).toEqual([foreign]);
});

test("a Node is deleted as the version that was read; one that is gone already is fine", async () => {
  await using rig = await setUp();
  const judged = await rig.read();
  await rig.control.deleteNode(judged, rig.signal);
  expect(rig.kube.store.get("nodes", "n1")).toBeUndefined();
  const { uid, resourceVersion } = judged;
  const sent = rig.kube.log.entries.find((entry) => entry.method === "DELETE");
  expect(sent?.body).toMatchObject({ preconditions: { uid, resourceVersion } });
  await rig.control.deleteNode(judged, rig.signal);
});

describe("a Node that changed since it was judged is a conflict and stays as it is", () => {
  const acts = {
    cordon: (rig: Awaited<ReturnType<typeof setUp>>, node: NodeFacts) =>
      rig.control.setUnschedulable(node, true, marks, rig.signal),
    taint: (rig: Awaited<ReturnType<typeof setUp>>, node: NodeFacts) =>
      rig.control.addOutOfServiceTaint(node, marks, rig.signal),
    untaint: (rig: Awaited<ReturnType<typeof setUp>>, node: NodeFacts) =>
      rig.control.removeOutOfServiceTaint(node, marks, rig.signal),
    "clear marks": (rig: Awaited<ReturnType<typeof setUp>>, node: NodeFacts) =>
      rig.control.clearMarks(node, rig.signal),
    delete: (rig: Awaited<ReturnType<typeof setUp>>, node: NodeFacts) => rig.control.deleteNode(node, rig.signal),
  };

  test.each(Object.entries(acts))("%s after another write", async (_, act) => {
    await using rig = await setUp();
    const judged = await rig.read();
    rig.kube.store.patch("nodes", "n1", { spec: { taints: [foreign] } });
    await expect(act(rig, judged)).rejects.toBeInstanceOf(ConflictError);
    expect(stored(rig).spec.taints).toEqual([foreign]);
  });

  test.each(Object.entries(acts))("%s on another Node of that name", async (_, act) => {
    await using rig = await setUp();
    const judged = await rig.read();
    rig.kube.store.remove("nodes", "n1");
    rig.kube.store.put("nodes", nodeObject("n1"));
    const current = stored(rig).metadata.resourceVersion!;
    await expect(act(rig, { ...judged, resourceVersion: current })).rejects.toBeInstanceOf(ConflictError);
    expect(stored(rig).metadata.resourceVersion).toBe(current);
  });

  test("because every patch names version and uid", async () => {
    await using rig = await setUp();
    const judged = await rig.read();
    await rig.control.addOutOfServiceTaint(judged, marks, rig.signal);
    const { uid, resourceVersion } = judged;
    expect(patches(rig).map((entry) => entry.body)).toEqual([
      expect.objectContaining({ metadata: expect.objectContaining({ uid, resourceVersion }) }),
    ]);
  });
});
