import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { briskConfig, briskNode, briskSilenceMs, withProvider } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { statefulSetWithVolume } from "../../support/fake-csi.ts";
import { shutOut } from "../../support/node-state.ts";
import { hasOutOfServiceTaint } from "../../support/recorder.ts";
import { Executioner, nameOf } from "./executioner.ts";
import { acceptCordons, refuseCordon } from "./refused-cordon.ts";
import { effectsSeen, expectLawfulTaints } from "./taint-laws.ts";
import { useScenario } from "./use-scenario.ts";

const patient = "w1";
const checks = [{ type: "NodeCondition", params: { "unhealthy-duration": "4s" } }];
/** A successor waits as long for a power-off that nobody wrote the end of. */
const powerOffMs = 6_000;

const scenario = useScenario(
  {
    nodes: [patient, "w2", "w3"].map((name) => ({ ...briskNode, name, bootMs: 4_000 })),
    config: {
      ...briskConfig,
      ...withProvider,
      healthcheck: { master: checks, worker: checks },
      fencing: { "power-off-timeout": `${powerOffMs}ms` },
    },
  },
  async (it) => {
    await it.create([...statefulSetWithVolume("db", 3), disruptionBudget]);
    await refuseCordon(it, patient);
    await Promise.all([it.startReplica({ name: "replica-1" }), it.startReplica({ name: "replica-2" })]);
  },
);

test("a repair outlives its leader's SIGKILL in each of its phases, with one power-off", async () => {
  const it = scenario();
  const { api, plane, cluster, owner, recorder } = it;
  const { machine, kubelet } = cluster.node(patient);
  const runsHere = async () => {
    const { items } = await api.get(`/api/v1/pods?fieldSelector=spec.nodeName=${patient}`);
    return items.some((pod: ApiObject) => pod.status.phase === "Running");
  };
  await eventually("a pod runs on the patient", runsHere);
  const executioner = new Executioner(it, patient, () =>
    it.startReplica({ name: `replica-${it.replicas.length + 1}` }),
  );
  /** Kills in the middle of the power-off: it is done, and nobody hears of it. */
  const killDuringPowerOff = () => {
    let isOver = false;
    owner.misbehave((asked, node) => {
      if (isOver || asked !== "power-off" || node !== patient) return undefined;
      isOver = executioner.strike();
      return isOver ? { losesAnswer: true } : undefined;
    });
    return eventually("Fencing: killed during power-off", () => isOver, { withinMs: 60_000 });
  };
  /** The phase cannot end before the blow: something keeps it open, which is then taken away. */
  const killWhen = (phase: string, isMoment: () => boolean) =>
    eventually(`${phase}: killed`, () => executioner.phase === phase && isMoment() && executioner.strike(), {
      withinMs: 60_000,
      everyMs: 5,
    });
  const effect = () => executioner.status?.intent?.effect;
  const isTainted = () => hasOutOfServiceTaint(recorder.of("Node", patient).at(-1)?.object ?? {});

  await kubelet.setCondition({ type: "Ready", status: "False", reason: "KubeletNotReady", message: "ill" });
  const bootIdBefore = machine.bootId;

  await killWhen("Cordoning", () => effect() === "cordon");
  await executioner.bury();
  await acceptCordons(it);
  await killWhen("Draining", () => effect() === "drain");
  await executioner.bury();
  await plane.kubectl(["delete", "poddisruptionbudget", "all-stay"]);
  await killDuringPowerOff();
  await executioner.bury();
  await it.create([stuckAttachment]);
  await killWhen("Releasing", isTainted);
  await executioner.bury();
  const unreadable = { error: { remedy: "retry", message: "no connection" } } as const;
  owner.misbehave((asked, node) => (asked === "observe" && node === patient ? unreadable : undefined));
  await plane.kubectl([
    "patch",
    "volumeattachment",
    "stuck",
    "--type=merge",
    "--patch",
    '{"metadata":{"finalizers":[]}}',
  ]);
  await plane.kubectl(["delete", "volumeattachment", "stuck"]);
  await killWhen("Restoring", () => true);
  await executioner.bury();
  owner.misbehave(() => undefined);
  await killWhen("Recovering", () => true);
  await executioner.bury();
  await kubelet.clearCondition("Ready");
  await killWhen("Unfencing", () => true);
  await executioner.bury();
  const { status } = await it.untilPhase(patient, ["Healed", "Recovered", "Held"]);
  await executioner.replaced();

  expect(executioner.deaths.map(({ phase }) => phase)).toEqual([
    "Cordoning",
    "Draining",
    "Fencing",
    "Releasing",
    "Restoring",
    "Recovering",
    "Unfencing",
  ]);
  expect(status).toMatchObject({ phase: "Healed", rung: "power-cycle", attempt: 1 });
  expect(new Set([...executioner.deaths.map(({ name }) => name), nameOf(status.leader)]).size).toBe(8);
  expect(owner.actsOn(patient).map(({ operation }) => operation)).toEqual(["power-off", "power-on"]);
  const effects = effectsSeen(it, patient);
  for (const once of ["power-off", "power-on"]) expect(effects.filter((each) => each === once)).toEqual([once]);
  const after = await it.node(patient);
  expect(shutOut(after)).toEqual({ isTainted: false, isCordoned: false });
  expect(after.metadata.annotations["aceso.dev/marks"]).toBeUndefined();
  expect(after.status.nodeInfo.bootID).not.toBe(bootIdBefore);
  // for as long as nobody leads, nobody takes it back
  expectLawfulTaints(it, { silenceMs: briskSilenceMs, isProven: true, takenBackWithinMs: 30_000 });
}, 480_000);

/** Refuses every eviction, so that `Draining` lasts until this is deleted. */
const disruptionBudget: ApiObject = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "all-stay", namespace: "default" },
  spec: { maxUnavailable: 0, selector: {} },
};

/** A volume that nobody detaches, so that `Releasing` lasts until this is deleted. */
const stuckAttachment: ApiObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "VolumeAttachment",
  metadata: { name: "stuck", finalizers: ["example.com/stuck"] },
  spec: { attacher: "stuck.example.com", nodeName: patient, source: { persistentVolumeName: "none" } },
};
