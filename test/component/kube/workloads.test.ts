import { describe, expect, test } from "vitest";
import type { NodeFacts } from "../../../src/core/model.ts";
import { KubeWorkloads } from "../../../src/kube/workloads.ts";
import type { PodFacts } from "../../../src/ports/node-control.ts";
import { kubeRig, type Rig } from "./rig.ts";

function pod(rig: Rig, name: string, change: { spec?: object; metadata?: object; status?: object } = {}): void {
  rig.kube.store.put("pods", {
    metadata: { name, namespace: "default", ...change.metadata },
    spec: { nodeName: "n1", containers: [{ name: "c" }], ...change.spec },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], ...change.status },
  });
}

const podsOf = (rig: Rig) => new KubeWorkloads(rig.rest).podsOn("n1", rig.signal);

test("pods of one node are told apart as draining and releasing need it", async () => {
  await using rig = await kubeRig();
  pod(rig, "plain");
  pod(rig, "elsewhere", { spec: { nodeName: "n2" } });
  pod(rig, "daemon", { metadata: { ownerReferences: [{ kind: "DaemonSet", name: "d", uid: "u", controller: true }] } });
  pod(rig, "mirror", { metadata: { annotations: { "kubernetes.io/config.mirror": "x" } } });
  pod(rig, "done", { status: { phase: "Succeeded" } });
  pod(rig, "tolerant", { spec: { tolerations: [{ operator: "Exists" }] } });
  pod(rig, "claims", {
    spec: {
      volumes: [
        { name: "v", persistentVolumeClaim: { claimName: "data" } },
        { name: "e", ephemeral: {} },
        { name: "x", emptyDir: {} },
      ],
    },
  });
  const byName = new Map((await podsOf(rig)).map((one) => [one.name, one]));
  const flags = ({ isDaemonSet, isMirror, isFinished, toleratesOutOfService }: PodFacts) =>
    [isDaemonSet && "daemon", isMirror && "mirror", isFinished && "done", toleratesOutOfService && "tolerant"].filter(
      Boolean,
    );
  expect([...byName.keys()].sort()).toEqual(["claims", "daemon", "done", "mirror", "plain", "tolerant"]);
  for (const name of ["daemon", "mirror", "done", "tolerant"]) expect(flags(byName.get(name)!)).toEqual([name]);
  expect(flags(byName.get("plain")!)).toEqual([]);
  expect(byName.get("claims")?.claims).toEqual(["data", "claims-e"]);
});

describe("an eviction", () => {
  test("is accepted, keeps the pod's grace, and of a pod that is gone says so", async () => {
    await using rig = await kubeRig();
    pod(rig, "p");
    const workloads = new KubeWorkloads(rig.rest);
    const [one] = await podsOf(rig);
    expect(await workloads.evict(one!, rig.signal)).toEqual({ kind: "accepted" });
    const sent = rig.kube.log.entries.find((entry) => entry.subresource === "eviction");
    expect(JSON.stringify(sent?.body)).not.toContain("gracePeriodSeconds");
    rig.kube.store.remove("pods", "default/p");
    expect(await workloads.evict(one!, rig.signal)).toEqual({ kind: "gone" });
  });

  test("that a budget forbids is blocked and not repeated", async () => {
    await using rig = await kubeRig();
    pod(rig, "p");
    const [one] = await podsOf(rig);
    const message = "Cannot evict pod as it would violate the pod's disruption budget.";
    rig.kube.faults.add({
      match: { subresource: "eviction" },
      fault: { kind: "answer", code: 429, reason: "TooManyRequests", message },
    });
    expect(await new KubeWorkloads(rig.rest).evict(one!, rig.signal)).toEqual({ kind: "blocked", message });
    expect(rig.kube.log.entries.filter((entry) => entry.subresource === "eviction")).toHaveLength(1);
  });
});

describe("releasing a pod of a machine that is proven off", () => {
  test("says why in its status and then deletes it at once", async () => {
    await using rig = await kubeRig();
    pod(rig, "p", { metadata: { finalizers: ["test/hold"] } });
    const [one] = await podsOf(rig);
    await new KubeWorkloads(rig.rest).releasePod(one!, rig.signal);
    const left = rig.kube.store.get("pods", "default/p");
    expect(left?.status.phase).toBe("Failed");
    expect(left?.status.conditions).toEqual([
      expect.objectContaining({ type: "Ready" }),
      expect.objectContaining({ type: "DisruptionTarget", status: "True" }),
    ]);
    expect(rig.kube.log.entries.at(-1)).toMatchObject({
      method: "DELETE",
      body: { gracePeriodSeconds: 0, preconditions: { uid: one!.uid } },
    });
  });

  test("of which another has taken the name leaves that one alone", async () => {
    await using rig = await kubeRig();
    pod(rig, "p");
    const [one] = await podsOf(rig);
    rig.kube.store.remove("pods", "default/p");
    await new KubeWorkloads(rig.rest).releasePod(one!, rig.signal);
    pod(rig, "p");
    await new KubeWorkloads(rig.rest).releasePod(one!, rig.signal);
    const other = rig.kube.store.get("pods", "default/p");
    expect([other?.status.phase, other?.metadata.deletionTimestamp]).toEqual(["Running", undefined]);
  });
});

test("volumes and members are read of the server", async () => {
  await using rig = await kubeRig();
  const attachment = (name: string, nodeName: string) =>
    rig.kube.store.put("volumeattachments", {
      metadata: { name },
      spec: { nodeName, attacher: "x", source: { persistentVolumeName: `pv-${name}` } },
    });
  attachment("a1", "n1");
  attachment("a2", "n2");
  const pinned = (name: string, values: string[]) =>
    rig.kube.store.put("persistentvolumes", {
      metadata: { name },
      spec: {
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values }] }],
          },
        },
      },
    });
  pinned("local", ["host-1"]);
  pinned("zonal", ["host-1", "host-2"]);
  pinned("other", ["host-2"]);
  pod(rig, "etcd-1", { metadata: { namespace: "kube-system", labels: { component: "etcd" } } });
  const workloads = new KubeWorkloads(rig.rest);
  const node = { name: "n1", labels: { "kubernetes.io/hostname": "host-1" } } as unknown as NodeFacts;
  expect(await workloads.attachmentsOn("n1", rig.signal)).toEqual([{ name: "a1", volume: "pv-a1" }]);
  expect(await workloads.volumesPinnedTo(node, rig.signal)).toEqual(["local"]);
  expect(await workloads.etcdMembers(rig.signal)).toEqual([{ node: "n1", isReady: true }]);
});
