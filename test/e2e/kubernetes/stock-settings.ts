import type { ApiObject } from "../../support/api-client.ts";
import { type Scenario, withProvider } from "../../support/e2e-stage/scenario.ts";
import type { Settings } from "../../support/e2e-stage/stage.ts";
import { eventually } from "../../support/eventually.ts";
import { findAttachedNode, statefulSetWithVolume } from "../../support/fake-csi.ts";
import type { Machine } from "../../support/hollow/machine.ts";
import { type RecordedVersion, type Recorder, taintWrites } from "../../support/recorder.ts";
import { useScenario } from "./use-scenario.ts";

/** `silence`, as it comes. */
export const silenceMs = 25_000;

/** Everything as it comes; but these nodes are a minute old, and their leader has just begun. */
const config: Settings = { ...withProvider, "check-delay-after-add": "0s", "startup-delay": "0s" };

/** Three nodes with stock settings of kubelet and controller-manager, a StatefulSet with a volume, one replica. */
export function useStockSettings(): () => Scenario {
  const plane = { nodeGrace: "50s", nodeMonitor: "5s" };
  const nodes = ["w1", "w2", "w3"].map((name) => ({ name }));
  return useScenario({ plane, nodes, config }, async (it) => {
    await it.create(statefulSetWithVolume("db"));
    await it.startReplica({ name: "replica-1" });
    await it.leader();
  });
}

/**
 * Strikes the machine that the volume is attached to right after a heartbeat: the longest time until anybody can know.
 *
 * @returns its name, and how long after its last heartbeat the volume was attached elsewhere
 */
export async function loseHomeOfVolume(
  { api, cluster, recorder }: Scenario,
  strike: (machine: Machine) => void,
): Promise<{ readonly home: string; readonly tookMs: number }> {
  const homeOfPod = async () => {
    const pod = await api.get("/api/v1/namespaces/default/pods/db-0");
    return pod.status.phase === "Running" && (await findAttachedNode(api, "pv-db-0"));
  };
  const home = await eventually("db-0 runs with its volume", homeOfPod, { withinMs: 90_000 });
  const beats = recorder.of("Lease", home).length;
  await eventually("a heartbeat", () => recorder.of("Lease", home).length > beats, { withinMs: 60_000, everyMs: 20 });
  strike(cluster.node(home).machine);
  const attached = await eventually("the volume is attached elsewhere", () => attachmentElsewhere(recorder, home), {
    withinMs: 150_000,
  });
  // the machine may have been started again meanwhile
  const released = taintWrites(recorder).find(({ node }) => node === home);
  const lastBeat = recorder.of("Lease", home).findLast((it) => it.receivedAtMonoMs < (released?.atMonoMs ?? 0));
  return { home, tookMs: attached.receivedAtMonoMs - (lastBeat?.receivedAtMonoMs ?? 0) };
}

/** The first version in which the volume is said to be attached to another node. */
function attachmentElsewhere(recorder: Recorder, home: string): RecordedVersion | undefined {
  const isElsewhere = ({ spec, status }: ApiObject) =>
    spec.source.persistentVolumeName === "pv-db-0" && spec.nodeName !== home && status?.attached === true;
  return recorder.of("VolumeAttachment").find(({ object }) => isElsewhere(object));
}
