import { afterAll, beforeAll } from "vitest";
import type { SimulatedCloud } from "../../../sim/openstack/cloud.ts";
import type { CloudCluster, CloudServer } from "../../../support/openstack-cloud.ts";
import { openStackRig } from "../../../support/openstack-provider.ts";
import { providerContract } from "../../../support/provider-contract.ts";
import { simulatedCloud } from "./simulated.ts";

let cloud: SimulatedCloud;
let server: CloudServer;
let cluster: CloudCluster;

beforeAll(async () => {
  cloud = await simulatedCloud();
  server = await cloud.createServer("node-1");
  cluster = await cloud.createCluster({
    name: "k8s",
    masters: 1,
    workers: 2,
    labels: { auto_healing_enabled: "true" },
  });
});

afterAll(() => cloud?.[Symbol.asyncDispose]());

providerContract("openstack (Nova alone)", () => openStackRig(cloud, server.id, {}));

providerContract("openstack (a stack of Heat)", () =>
  openStackRig(cloud, workerOf(cluster), { section: { stack: cluster.stackId } }),
);

providerContract("openstack (a cluster of Magnum)", () =>
  openStackRig(cloud, workerOf(cluster), { clusterName: cluster.name }),
);

function workerOf({ workers }: CloudCluster): string {
  const [worker] = workers;
  if (worker === undefined) throw new Error("the cluster has no workers");
  return worker.id;
}
