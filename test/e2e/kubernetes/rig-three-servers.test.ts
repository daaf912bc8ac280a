import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, type ApiObject } from "../../support/api-client.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/start.ts";
import { eventually } from "../../support/eventually.ts";
import { type HollowCluster, startHollowCluster } from "../../support/hollow/cluster.ts";
import { accessOfAccount, requestToken, userOf, writeAccountKubeconfig } from "../../support/service-account.ts";

const network = { label: "app", value: "network" };
const account = { namespace: "default", name: "healer" };

describe("three API servers under the hollow machines", () => {
  let plane: ControlPlane;
  let kubelets: ApiClient;
  let cluster: HollowCluster;

  beforeAll(async () => {
    plane = await startControlPlane({ apiServers: 3, auditedUsers: [userOf(account)] });
    kubelets = new ApiClient(plane.hollowAccess);
    cluster = await startHollowCluster({
      api: kubelets,
      network: "none",
      nodes: [
        { name: "w1", leaseIntervalMs: 1_000, bootMs: 500 },
        { name: "w2", leaseIntervalMs: 1_000, bootMs: 500, readyOnlyWith: network },
      ],
    });
  });

  afterAll(async () => {
    await cluster?.stop();
    kubelets?.close();
    await plane?.stop();
  });

  const readyOf = async (name: string): Promise<string> => {
    const node = await plane.api.get(`/api/v1/nodes/${name}`);
    return node.status.conditions.find((condition: ApiObject) => condition.type === "Ready")?.status;
  };
  const untilReady = (name: string, status: string) =>
    eventually(`${name} has Ready=${status}`, async () => (await readyOf(name)) === status, { withinMs: 90_000 });
  const create = (object: ApiObject) => plane.kubectl(["create", "-f", "-"], JSON.stringify(object));

  test("a node whose network comes with a DaemonSet is Ready only while that pod runs on it", async () => {
    await untilReady("w1", "True");
    await untilReady("w2", "False");
    await create(daemonSet());
    await untilReady("w2", "True");
    await plane.kubectl(["taint", "node", "w2", "example.com/no:NoExecute"]);
    await untilReady("w2", "False");
    await plane.kubectl(["taint", "node", "w2", "example.com/no:NoExecute-"]);
    await untilReady("w2", "True");
  });

  test("a condition of somebody else, and one that a test sets, stay side by side", async () => {
    const { kubelet } = cluster.node("w1");
    await plane.api.patch("/api/v1/nodes/w1/status", {
      status: { conditions: await withCondition("w1", "KernelDeadlock") },
    });
    await kubelet.setCondition({ type: "Ready", status: "False", reason: "KubeletNotReady", message: "PLEG" });
    const node = await plane.api.get("/api/v1/nodes/w1");
    const seen = node.status.conditions.map((each: ApiObject) => `${each.type}=${each.status}`);
    expect(seen).toEqual(expect.arrayContaining(["KernelDeadlock=True", "Ready=False", "DiskPressure=False"]));
    await kubelet.clearCondition("Ready");
    expect(await readyOf("w1")).toBe("True");
  });

  test("a service account acts with its own token and its own rights, and its changes of nodes are on record", async () => {
    await plane.kubectl(["create", "serviceaccount", account.name]);
    await plane.kubectl(["create", "clusterrole", "healer", "--verb=get,patch", "--resource=nodes"]);
    await plane.kubectl([
      "create",
      "clusterrolebinding",
      "healer",
      "--clusterrole=healer",
      "--serviceaccount=default:healer",
    ]);
    const healer = new ApiClient(await accessOfAccount(plane.access, plane.api, account));
    await eventually("the right is in force", () => healer.get("/api/v1/nodes/w1"));
    await healer.patch("/api/v1/nodes/w1", { metadata: { annotations: { "aceso.dev/paused": "a test" } } });
    expect((await healer.call("GET", "/api/v1/pods")).status).toBe(403);
    healer.close();

    const file = await writeAccountKubeconfig(join(plane.dir, "healer.kubeconfig"), plane.access, plane.api, account);
    expect(await plane.kubectl(["--kubeconfig", file, "auth", "whoami"])).toContain(userOf(account));
    expect(await requestToken(plane.api, account)).toMatch(/^ey/);

    const mine = (await plane.auditLog()).filter((event) => event.user.username === userOf(account));
    const patch = mine.find((event) => event.verb === "patch");
    expect(patch?.requestObject).toMatchObject({ metadata: { annotations: { "aceso.dev/paused": "a test" } } });
    expect(mine.find((event) => event.verb === "list")?.responseStatus?.code).toBe(403);
  });

  test("killed servers are left for another, and come back on their old port", async () => {
    await plane.stopServer(0);
    await plane.stopServer(1);
    const before = await renewTime("w1");
    await eventually("the Lease moves on", async () => (await renewTime("w1")) !== before);
    expect(Object.keys(plane.pids())).not.toContain("apiserver-0");
    await plane.startServer(0);
    await plane.startServer(1);
    expect(await plane.kubectl(["get", "--raw", "/readyz"])).toBe("ok");
    await untilReady("w1", "True");
  });

  async function renewTime(name: string): Promise<string> {
    const lease = await plane.api.get(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`);
    return lease.spec.renewTime;
  }

  async function withCondition(name: string, type: string): Promise<ApiObject[]> {
    const node = await plane.api.get(`/api/v1/nodes/${name}`);
    return [...node.status.conditions, { type, status: "True", reason: "Test", message: "" }];
  }
});

/** As many network plugins: it tolerates NoSchedule, and so not every NoExecute taint. */
function daemonSet(): ApiObject {
  const tolerations = [{ operator: "Exists", effect: "NoSchedule" }];
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "network", namespace: "default" },
    spec: {
      selector: { matchLabels: { [network.label]: network.value } },
      template: {
        metadata: { labels: { [network.label]: network.value } },
        spec: { tolerations, containers: [{ name: "main", image: "hollow/network" }] },
      },
    },
  };
}
