import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { eventually } from "../../support/eventually.ts";
import { findAttachedNode, statefulSetWithVolume } from "../../support/fake-csi.ts";
import { type RecordedVersion, type Recorder, taintWrites } from "../../support/recorder.ts";
import { type Settings, useScenario, withProvider } from "./scenario.ts";
import { expectLawfulTaints } from "./taint-laws.ts";

/** DESIGN §10: last heartbeat → volume attached elsewhere. Without Aceso it takes 6 minutes and more. */
const limitMs = 40_000;
const silenceMs = 25_000;

/** Everything as it comes; but these nodes are a minute old, and their leader has just begun. */
const config: Settings = { ...withProvider, "check-delay-after-add": "0s", "startup-delay": "0s" };

const scenario = useScenario(
  { plane: { nodeGrace: "50s", nodeMonitor: "5s" }, nodes: ["w1", "w2", "w3"].map((name) => ({ name })), config },
  async (it) => {
    await it.create(statefulSetWithVolume("db"));
    await it.startReplica({ name: "replica-1" });
    await it.leader();
  },
);

test("the volume of a machine found off is attached elsewhere within 40 s of the last heartbeat, stock settings", async () => {
  const { api, cluster, owner, recorder, repair } = scenario();
  const home: string = await eventually("db-0 runs with its volume", async () => {
    const pod = await api.get("/api/v1/namespaces/default/pods/db-0");
    return pod.status.phase === "Running" && (await findAttachedNode(api, "pv-db-0"));
  });
  // right after a heartbeat: the longest time until anybody can know
  const beats = recorder.of("Lease", home).length;
  await eventually("a heartbeat", () => recorder.of("Lease", home).length > beats, { withinMs: 15_000, everyMs: 20 });
  cluster.node(home).machine.kill();

  const attached = await eventually("the volume is attached elsewhere", () => attachmentElsewhere(recorder, home), {
    withinMs: 120_000,
  });
  const lastBeat = recorder.of("Lease", home).at(-1);
  const tookMs = attached.receivedAtMonoMs - (lastBeat?.receivedAtMonoMs ?? 0);
  console.info(
    `found off, stock settings: attached elsewhere ${(tookMs / 1_000).toFixed(1)} s after the last heartbeat`,
  );
  expect(tookMs).toBeLessThanOrEqual(limitMs);

  const [taint] = taintWrites(recorder);
  expect(taint).toMatchObject({ node: home, ready: "True" });
  expect(owner.actsOn(home), "a machine that is off is not switched off").toEqual([]);
  expect((await repair(home))?.status.evidence).toContainEqual(
    expect.objectContaining({ machine: `vm-${home}`, value: "off" }),
  );
  expectLawfulTaints(scenario(), { silenceMs, isProven: true });
}, 180_000);

/** The first version in which the volume is said to be attached to another node. */
function attachmentElsewhere(recorder: Recorder, home: string): RecordedVersion | undefined {
  const isElsewhere = ({ spec, status }: ApiObject) =>
    spec.source.persistentVolumeName === "pv-db-0" && spec.nodeName !== home && status?.attached === true;
  return recorder.of("VolumeAttachment").find(({ object }) => isElsewhere(object));
}
