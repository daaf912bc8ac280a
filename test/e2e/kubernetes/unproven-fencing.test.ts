import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import {
  briskConfig,
  briskNode,
  briskSilenceMs,
  leaseAgeMs,
  type Scenario,
  withoutProof,
} from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { findAttachedNode, preferringNode, statefulSetWithVolume } from "../../support/fake-csi.ts";
import { shutOut } from "../../support/node-state.ts";
import { taintWrites } from "../../support/recorder.ts";
import { refuseCordon } from "./refused-cordon.ts";
import { effectsSeen, expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const patients = ["kernel", "early", "amid", "late", "same-boot"];
// so many that the observers, who see all patients fail at once, have no reason to suspect themselves
const others = Array.from({ length: 9 }, (_, index) => `w${index + 1}`);

const scenario = useScenario(
  {
    nodes: [...patients, ...others].map((name) => ({ name, ...briskNode })),
    // the tests run side by side
    config: { ...briskConfig, ...withoutProof, "max-unhealthy": "100%", "max-parallel": 20 },
  },
  async (it) => {
    await it.startReplica({ name: "replica-1" });
    await it.startReplica({ name: "replica-2" });
    await it.leader();
  },
);

test.concurrent("a StatefulSet's pod and its volume move away from a machine that hangs, and the node is returned to service after its reset", async () => {
  const { api, cluster, create, node, untilPhase } = scenario();
  // on none of the others' patients
  await create(preferringNode("w1", statefulSetWithVolume("db")));
  const podOf = (): Promise<ApiObject> => api.get("/api/v1/namespaces/default/pods/db-0");
  const isRunning = (pod: ApiObject) => pod.status.phase === "Running" && pod.metadata.deletionTimestamp === undefined;
  const first = await eventually(
    "db-0 runs",
    async () => {
      const pod = await podOf();
      return isRunning(pod) && pod;
    },
    { withinMs: 60_000 },
  );
  const home = first.spec.nodeName;
  expect(patients).not.toContain(home);
  const { machine } = cluster.node(home);
  machine.hang();

  const moved = await eventually(
    "another db-0 runs",
    async () => {
      const pod = await podOf();
      return pod.metadata.uid !== first.metadata.uid && isRunning(pod) && pod;
    },
    { withinMs: 120_000 },
  );
  expect(moved.spec.nodeName).not.toBe(home);
  expect(await findAttachedNode(api, "pv-db-0")).toBe(moved.spec.nodeName);
  const repair = await untilPhase(home, "Recovering");
  expect(repair.status.evidence).toContainEqual(expect.objectContaining({ value: "unproven" }));
  expect(shutOut(await node(home))).toEqual({ isTainted: true, isCordoned: true });

  machine.kill();
  await machine.powerOn();
  await untilPhase(home, "Healed");
  expect(shutOut(await node(home))).toEqual({ isTainted: false, isCordoned: false });
});

test.concurrent("a node whose kernel still refuses connections is not released; once it is mute it is", async () => {
  const { api, cluster, node, repair, aceso } = scenario();
  await api.must("POST", "/api/v1/namespaces/default/pods", podOn("kernel"));
  await untilRunning(scenario(), "kernel");
  const { machine } = cluster.node("kernel");
  machine.killKubelet();
  await untilLeaseAge("kernel", 25_000);
  expect(await aceso(["explain", "kernel"])).toContain("answers-network");
  expect(shutOut(await node("kernel"))).toEqual({ isTainted: false, isCordoned: false });
  expect(await repair("kernel")).toBeUndefined();

  machine.hang();
  await eventually("its pod is gone", async () => (await podsOn(scenario(), "kernel")).length === 0, {
    withinMs: 120_000,
  });
});

test.concurrent("a node that returns in the middle of its fencing is given back, whenever that is", async () => {
  const { api, cluster, node, recorder, untilPhase } = scenario();
  await refuseCordon(scenario(), "early");
  for (const name of ["amid", "late"]) {
    // a release that cannot end while the node is away
    await api.must("POST", "/api/v1/namespaces/default/pods", podOn(name, ["e2e.example/stay"]));
    await untilRunning(scenario(), name);
  }
  const back = async (name: string, moment: string, isThere: () => boolean) => {
    cluster.node(name).machine.partition();
    await eventually(`${name}: ${moment}`, isThere, { withinMs: 120_000, everyMs: 5 });
    cluster.node(name).machine.reconnect();
    const ended = await untilPhase(name, ["Recovered", "Healed"]);
    const { isTainted, isCordoned } = shutOut(await node(name));
    return { moment, phase: ended.status.phase, isTainted, isCordoned, marks: ended.status.marks };
  };
  const seen = (name: string) => recorder.of("NodeRepair", name).map((it) => it.object.status);
  const ends = await Promise.all([
    back("early", "its cordon is intended", () => seen("early").some((it) => it?.intent?.effect === "cordon")),
    back("amid", "its taint is intended", () => seen("amid").some((it) => it?.intent?.effect === "taint")),
    back("late", "its taint is on record", () => seen("late").some((it) => isDone(it?.result, "taint"))),
  ]);
  for (const end of ends) expect(end).toMatchObject({ isTainted: false, isCordoned: false });
  expect(effectsSeen(scenario(), "early")).not.toContain("taint");
  const late = effectsSeen(scenario(), "late");
  expect(late.filter((it) => it === "taint" || it === "untaint").slice(0, 2)).toEqual(["taint", "untaint"]);
  for (const name of ["amid", "late"]) {
    await api.patch(`/api/v1/namespaces/default/pods/on-${name}`, { metadata: { finalizers: null } });
  }
});

test.concurrent("a node that was released and comes back without a reboot stays out of service until it is rebooted", async () => {
  const { cluster, node, untilPhase } = scenario();
  const { machine } = cluster.node("same-boot");
  machine.partition();
  await untilPhase("same-boot", "Recovering");
  machine.reconnect();
  const held = await untilPhase("same-boot", "Held");
  expect(held.status.reason).toBe("reboot-it");
  expect(shutOut(await node("same-boot"))).toEqual({ isTainted: true, isCordoned: true });
  await machine.reboot("soft");
  await untilPhase("same-boot", "Healed");
  expect(shutOut(await node("same-boot"))).toEqual({ isTainted: false, isCordoned: false });
});

test("in all of this no taint was written on a node that lived, none while Ready was True, and none was left behind", async () => {
  expect(taintWrites(scenario().recorder).length).toBeGreaterThanOrEqual(4);
  const audit = await scenario().plane.auditLog();
  expectLawfulTaints(scenario(), { silenceMs: briskSilenceMs, isProven: false, audit });
});

function isDone(result: ApiObject, effect: string): boolean {
  return result?.effect === effect && result.outcome === "done";
}

function podOn(nodeName: string, finalizers: readonly string[] = []): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `on-${nodeName}`, finalizers },
    spec: { nodeName, containers: [{ name: "main", image: "hollow/app" }] },
  };
}

async function podsOn({ api }: Scenario, node: string): Promise<readonly ApiObject[]> {
  return (await api.get(`/api/v1/pods?fieldSelector=spec.nodeName=${node}`)).items;
}

async function untilRunning({ api }: Scenario, node: string): Promise<void> {
  await eventually(`the pod on ${node} runs`, async () => {
    const pod = await api.get(`/api/v1/namespaces/default/pods/on-${node}`);
    return pod.status.phase === "Running";
  });
}

async function untilLeaseAge(node: string, ms: number): Promise<void> {
  const look = () => leaseAgeMs(scenario(), node) > ms;
  await eventually(`the Lease of ${node} is ${ms} ms old`, look, { withinMs: ms + 60_000 });
}
