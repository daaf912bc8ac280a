import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, type ApiObject } from "../../support/api-client.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/start.ts";
import { eventually } from "../../support/eventually.ts";
import {
  csiDriverObjects,
  findAttachedNode,
  startFakeAttacher,
  statefulSetWithVolume,
} from "../../support/fake-csi.ts";
import { type HollowCluster, startHollowCluster } from "../../support/hollow/cluster.ts";
import { isRunning } from "../../support/processes.ts";
import { hasOutOfServiceTaint, type Recorder, startRecorder, taintWrites } from "../../support/recorder.ts";

describe("the control plane and the hollow machines of the e2e tests", () => {
  let plane: ControlPlane;
  let cluster: HollowCluster;
  let kubelets: ApiClient;
  let recorder: Recorder;
  let attacher: { stop(): Promise<void> };

  beforeAll(async () => {
    plane = await startControlPlane();
    recorder = await startRecorder(plane.api);
    kubelets = new ApiClient(plane.hollowAccess);
    cluster = await startHollowCluster({
      api: kubelets,
      nodes: ["n1", "n2", "n3"].map((name) => ({ name, leaseIntervalMs: 2_000, bootMs: 1_000 })),
    });
    attacher = startFakeAttacher(plane.api);
  });

  afterAll(async () => {
    const pids = Object.values(plane?.pids() ?? {});
    await attacher?.stop();
    await recorder?.stop();
    await cluster?.stop();
    kubelets?.close();
    await plane?.stop();
    expect(pids).toHaveLength(4);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  const readNode = (name: string): Promise<ApiObject> => plane.api.get(`/api/v1/nodes/${name}`);
  const readyOf = (node: ApiObject): string =>
    node.status.conditions?.find((condition: ApiObject) => condition.type === "Ready")?.status;
  const untilReady = (name: string, status: string) =>
    eventually(`${name} has Ready=${status}`, async () => readyOf(await readNode(name)) === status, {
      withinMs: 90_000,
    });

  test("a dead node's pod and volume move after the taint, and the machine comes back with another boot ID", async () => {
    for (const name of ["n1", "n2", "n3"]) await untilReady(name, "True");

    await apply(csiDriverObjects());
    await apply(statefulSetWithVolume("db"));
    const home = await runningOn("db-0");
    await eventually("the volume is in use", async () => (await readNode(home)).status.volumesInUse?.length === 1);
    expect(await findAttachedNode(plane.api, "pv-db-0")).toBe(home);
    const before = await readNode(home);

    const { machine } = cluster.node(home);
    machine.kill();
    await untilReady(home, "Unknown");
    const unknown = recorder.of("Node", home).find(({ object }) => readyOf(object) === "Unknown");
    const renewedAt = Date.parse(recorder.of("Lease", home).at(-1)?.object.spec.renewTime);
    expect((unknown?.receivedAtWallMs ?? 0) - renewedAt, "the node controller waits for 8 s").toBeGreaterThan(7_000);
    expect((await readPod("db-0")).spec.nodeName).toBe(home);

    await plane.kubectl(["taint", "node", home, "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"]);
    const elsewhere = await eventually(
      "the pod runs on another node",
      async () => {
        const pod = await readPod("db-0");
        return pod.spec.nodeName !== home && pod.status.phase === "Running" ? pod.spec.nodeName : undefined;
      },
      { withinMs: 90_000 },
    );
    expect(await findAttachedNode(plane.api, "pv-db-0")).toBe(elsewhere);

    await machine.powerOn();
    await untilReady(home, "True");
    const after = await readNode(home);
    expect(after.status.nodeInfo.bootID).not.toBe(before.status.nodeInfo.bootID);
    expect(after.status.nodeInfo.systemUUID).toBe(before.status.nodeInfo.systemUUID);
    expect(after.status.volumesInUse ?? []).toEqual([]);
    expect(hasOutOfServiceTaint(after)).toBe(true);

    const [write, ...more] = taintWrites(recorder);
    expect(more).toEqual([]);
    expect(write).toMatchObject({ node: home, ready: "Unknown" });
    expect(write?.leaseAgeMs).toBeGreaterThan(7_000);
    expect(recorder.gaps).toEqual([]);
  });

  test("a kubelet that lives corrects what was said of its node when it was late", async () => {
    await untilReady("n1", "True");
    const { conditions } = (await readNode("n1")).status;
    const late = conditions.map((it: ApiObject) => ({ ...it, status: "Unknown", reason: "NodeStatusUnknown" }));
    await plane.api.patch("/api/v1/nodes/n1/status", { status: { conditions: late } });
    await untilReady("n1", "True");
  });

  test("a network cut keeps the boot ID, and a pod that was there runs on", async () => {
    await untilReady("n2", "True");
    const before = await readNode("n2");
    cluster.node("n2").machine.partition();
    await untilReady("n2", "Unknown");
    cluster.node("n2").machine.reconnect();
    await untilReady("n2", "True");
    expect((await readNode("n2")).status.nodeInfo.bootID).toBe(before.status.nodeInfo.bootID);
  });

  test("a hung machine is mute, one without kubelet refuses, and a living one answers", async () => {
    const { machine, face, settled } = cluster.node("n3");
    const see = async () => {
      await settled();
      return tryConnect(face?.host ?? "", face?.port ?? 0);
    };
    expect(await see()).toBe("connected");
    machine.hang();
    expect([await see(), await see()]).toEqual(["nothing", "nothing"]);
    await machine.powerOff();
    expect(await see()).toBe("nothing");
    await machine.powerOn();
    expect(await see()).toBe("connected");
    machine.killKubelet();
    expect(await see()).toBe("refused");
    machine.startKubelet();
    expect(await see()).toBe("connected");
    const { internalIP, port } = addressOf(await readNode("n3"));
    expect([internalIP, port]).toEqual([face?.host, face?.port]);
  });

  test("the audit log tells who did what, and leaves the hollow kubelets out", async () => {
    const events = await plane.auditLog();
    const taint = events.find((event) => event.userAgent?.startsWith("kubectl") && event.verb === "patch");
    expect(taint?.objectRef).toMatchObject({ resource: "nodes" });
    expect(events.filter((event) => event.user.username === "hollow")).toEqual([]);
  });

  async function apply(objects: readonly ApiObject[]): Promise<void> {
    const list = { apiVersion: "v1", kind: "List", items: objects };
    await plane.kubectl(["create", "-f", "-"], JSON.stringify(list));
  }

  function readPod(name: string): Promise<ApiObject> {
    return plane.api.get(`/api/v1/namespaces/default/pods/${name}`);
  }

  async function runningOn(name: string): Promise<string> {
    return eventually(`${name} runs`, async () => {
      const pod = await readPod(name);
      return pod.status.phase === "Running" && pod.spec.nodeName;
    });
  }
});

function addressOf(node: ApiObject): { internalIP: string; port: number } {
  const internalIP = node.status.addresses.find((address: ApiObject) => address.type === "InternalIP").address;
  return { internalIP, port: node.status.daemonEndpoints.kubeletEndpoint.Port };
}

/** What one second of trying to connect brings. */
function tryConnect(host: string, port: number): Promise<"connected" | "refused" | "nothing"> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: "connected" | "refused" | "nothing") => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("nothing"), 1_000);
    socket.once("connect", () => end("connected")).once("error", () => end("refused"));
  });
}
