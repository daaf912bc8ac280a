import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import type { AuditEvent } from "../../support/control-plane/audit.ts";
import { briskConfig, briskNode, briskSilenceMs, withProvider } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { findAttachedNode, statefulSetWithVolume } from "../../support/fake-csi.ts";
import { isReady, shutOut } from "../../support/node-state.ts";
import { hasOutOfServiceTaint, type RecordedVersion } from "../../support/recorder.ts";
import { serviceAccount } from "../../support/rights.ts";
import { expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const recoveryHoldMs = 4_000;
const network = { label: "app", value: "network" };

const scenario = useScenario(
  {
    nodes: [
      ...["w1", "w2", "w3"].map((name) => ({ ...briskNode, name })),
      { ...briskNode, name: "networked", labels: { network: "yes" }, readyOnlyWith: network },
      { ...briskNode, name: "by-hand", taints: [{ key: "only", value: "bound", effect: "NoSchedule" }] },
    ],
    config: { ...briskConfig, ...withProvider, "recovery-hold": `${recoveryHoldMs}ms` },
  },
  async (it) => {
    await it.create([networkDaemonSet(), ...statefulSetWithVolume("db")]);
    await it.untilReady("networked");
    await it.startReplica({ name: "replica-1" });
  },
);

test("a hung machine is powered off, its pod and volume move, it is powered on and returned to service", async () => {
  const { api, cluster, owner, node, repair, recorder, untilPhase } = scenario();
  const readPod = (): Promise<ApiObject> => api.get("/api/v1/namespaces/default/pods/db-0");
  const runsOn = async (isThere: (name: string) => boolean): Promise<string | false> => {
    const { spec, status } = await readPod();
    return status.phase === "Running" && isThere(spec.nodeName) && spec.nodeName;
  };
  const home = await eventually("db-0 runs", () => runsOn(() => true), { withinMs: 60_000 });
  const bootIdBefore = (await node(home)).status.nodeInfo.bootID;
  cluster.node(home).machine.hang();
  const { status } = await untilPhase(home, ["Healed", "Recovered", "Held"]);

  expect(status.phase).toBe("Healed");
  expect(status.evidence).toContainEqual(expect.objectContaining({ machine: `vm-${home}`, value: "off" }));
  const elsewhere = await eventually("db-0 runs elsewhere", () => runsOn((name) => name !== home));
  await eventually("the volume is attached there", async () => (await findAttachedNode(api, "pv-db-0")) === elsewhere);

  const acts = owner.actsOn(home);
  expect(acts.map(({ operation }) => operation)).toEqual(["power-off", "power-on"]);
  const story = storyOf(recorder.of("Node", home));
  expect(acts[0]?.atMonoMs).toBeLessThan(story.tainted.receivedAtMonoMs);
  expect(story.tainted.receivedAtMonoMs).toBeLessThan(acts[1]?.atMonoMs ?? 0);
  expect(bootIdOf(story.tainted)).toBe(bootIdBefore);
  expect(bootIdOf(story.untainted), "the boot that took the taint away").not.toBe(bootIdBefore);
  expect(readyForMs(story)).toBeGreaterThanOrEqual(recoveryHoldMs);
  expect(shutOut(await node(home))).toEqual({ isTainted: false, isCordoned: false });
  expect((await repair(home))?.status.marks ?? {}).toEqual({});
});

test("a node that is Ready only with a pod which the taint keeps away comes back after a power-cycle", async () => {
  const { cluster, owner, recorder, untilPhase } = scenario();
  cluster.node("networked").machine.hang();
  const { status } = await untilPhase("networked", ["Healed", "Recovered", "Held"]);

  expect(status.phase).toBe("Healed");
  expect(owner.actsOn("networked").map(({ operation }) => operation)).toEqual(["power-off", "power-on"]);
  const story = storyOf(recorder.of("Node", "networked"));
  expect(isReady(story.untainted.object), "Ready when the taint went").toBe(false);
  expect(readyForMs(story)).toBeGreaterThanOrEqual(recoveryHoldMs);
});

test("a machine started by hand during the release: no pod is force-deleted any more, the taint is taken back", async () => {
  const { api, plane, cluster, create, owner, recorder, untilPhase, node } = scenario();
  await create([heldPod("held-a"), heldPod("held-b")]);
  const readPods = async () => Promise.all(["held-a", "held-b"].map((name) => api.get(podPath(name))));
  await eventually("both run", async () => (await readPods()).every((pod) => pod.status.phase === "Running"));
  const { machine } = cluster.node("by-hand");
  machine.kill();
  await eventually(
    "both are force-deleted, and stay",
    async () => {
      const { result } = (await untilPhase("by-hand", "Releasing")).status;
      return result.effect === "force-delete" && result.outcome === "done";
    },
    { withinMs: 120_000 },
  );
  expect((await readPods()).map((pod) => pod.metadata.deletionGracePeriodSeconds)).toEqual([0, 0]);
  const startedAt = new Date().toISOString();
  const deletedBefore = forceDeletes(await plane.auditLog(), "");
  // only its owner can tell that it runs
  machine.partition();
  await machine.powerOn();
  await eventually("the taint is taken back", async () => !shutOut(await node("by-hand")).isTainted);
  machine.reconnect();
  const { status } = await untilPhase("by-hand", ["Healed", "Recovered", "Held"]);

  expect(deletedBefore.length).toBeGreaterThanOrEqual(2);
  expect(forceDeletes(await plane.auditLog(), startedAt)).toEqual([]);
  expect(status.phase).toBe("Healed");
  expect(owner.actsOn("by-hand")).toEqual([]);
  const story = storyOf(recorder.of("Node", "by-hand"));
  expect(story.untainted.object.spec.unschedulable).toBe(true);
  expect(bootIdOf(story.untainted), "the boot that its kubelet had told of").toBe(bootIdOf(story.tainted));
  for (const name of ["held-a", "held-b"]) await api.patch(podPath(name), { metadata: { finalizers: null } });
});

test("a replica that is told to end does so by itself", async () => {
  expect(await scenario().replicas[0]?.stop()).toEqual({ code: 0, signal: null });
});

test("every taint of this run was lawful", () => {
  expectLawfulTaints(scenario(), { silenceMs: briskSilenceMs, isProven: true });
});

/** The turning points of a node's first repair. */
function storyOf(versions: readonly RecordedVersion[]) {
  const after = (start: number, what: string, holds: (object: ApiObject) => boolean) => {
    const found = versions.findIndex(({ object }, index) => index > start && holds(object));
    if (found < 0) throw new Error(`${versions[0]?.name} was never seen ${what}`);
    return found;
  };
  const tainted = after(-1, "tainted", hasOutOfServiceTaint);
  const untainted = after(tainted, "without the taint again", (object) => !hasOutOfServiceTaint(object));
  const ready = after(tainted, "Ready in its new boot", (object) => isReady(object) && isAnew(object));
  const uncordoned = after(untainted, "schedulable again", (object) => object.spec.unschedulable !== true);
  const at = (index: number) => versions[index] as RecordedVersion;
  return { tainted: at(tainted), untainted: at(untainted), ready: at(ready), uncordoned: at(uncordoned) };

  function isAnew(object: ApiObject): boolean {
    return object.status.nodeInfo.bootID !== versions[tainted]?.object.status.nodeInfo.bootID;
  }
}

/** For how long a node was Ready before its cordon went, by the second in which its kubelet said so. */
function readyForMs({ ready, uncordoned }: ReturnType<typeof storyOf>): number {
  const condition = ready.object.status.conditions.find((each: ApiObject) => each.type === "Ready");
  return uncordoned.receivedAtWallMs - Date.parse(condition.lastHeartbeatTime);
}

function bootIdOf({ object }: RecordedVersion): string {
  return object.status.nodeInfo.bootID;
}

/** When Aceso deleted pods, from a moment on. */
function forceDeletes(events: readonly AuditEvent[], since: string): readonly string[] {
  return events
    .filter(({ verb, objectRef }) => verb === "delete" && objectRef?.resource === "pods")
    .filter(({ user, requestReceivedTimestamp: at }) => user.username === serviceAccount && at > since)
    .map(({ requestReceivedTimestamp, requestURI }) => `${requestReceivedTimestamp} ${requestURI}`);
}

function podPath(name: string): string {
  return `/api/v1/namespaces/default/pods/${name}`;
}

/** A pod whose object stays after its deletion, so that the release lasts. */
function heldPod(name: string): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", finalizers: ["example.org/held"] },
    spec: { nodeName: "by-hand", containers: [{ name: "main", image: "hollow/app" }] },
  };
}

/** The node's network comes with this pod; it tolerates an unready or cordoned node, and not out-of-service. */
function networkDaemonSet(): ApiObject {
  const labels = { [network.label]: network.value };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "network", namespace: "default" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { network: "yes" },
          tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
          containers: [{ name: "main", image: "hollow/network" }],
        },
      },
    },
  };
}
