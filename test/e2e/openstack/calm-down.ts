import { eventually } from "../../support/eventually.ts";
import { isReady } from "../../support/node-state.ts";
import type { CloudServer, CloudService } from "../../support/openstack-cloud.ts";
import type { CloudStage } from "./cloud-stage.ts";

const services: readonly CloudService[] = ["keystone", "nova", "heat", "magnum"];
const within = { withinMs: 300_000, everyMs: 1_000 };

/**
 * Ends what a failed test left behind, so that the next one does not fail for it: replicas, faults, locks, dead hosts,
 * repairs, marks on Nodes, machines that hang or are off. Not what it made of the cluster's members.
 */
export async function calmDown(stage: CloudStage): Promise<void> {
  const { cloud, uuid } = stage;
  await Promise.all(stage.replicas.map((replica) => replica.kill()));
  for (const service of services) await cloud.setServiceFault(service, undefined);
  for (const operation of ["spawn", "power_off", "power_on"] as const) await cloud.setFault("*", operation, undefined);
  if (uuid !== undefined) {
    await cloud.setLabel(uuid, "auto_healing_enabled", "true");
    await eventually(
      "the cluster is at rest",
      async () => /_COMPLETE$/.test((await cloud.cluster(uuid)).status),
      within,
    );
  }
  for (const server of await cloud.servers()) await bringBack(stage, server);
  const { items: repairs } = await stage.api.get("/apis/aceso.dev/v1alpha1/noderepairs");
  for (const { metadata } of repairs) {
    await stage.api.call("DELETE", `/apis/aceso.dev/v1alpha1/noderepairs/${metadata.name}`);
  }
  const { items: nodes } = await stage.api.get("/api/v1/nodes");
  const unmarked = {
    metadata: { annotations: { "aceso.dev/marks": null } },
    spec: { taints: null, unschedulable: null },
  };
  for (const { metadata } of nodes) await stage.api.patch(`/api/v1/nodes/${metadata.name}`, unmarked);
}

/** A server at rest whose node is Ready; what hangs in it is booted anew. */
async function bringBack({ api, cloud, nodes }: CloudStage, { id, name }: CloudServer): Promise<void> {
  for (const operation of ["power_off", "power_on"] as const) await cloud.setFault(id, operation, undefined);
  await cloud.setComputeHost(id, "alive");
  await cloud.act(id, { unlock: null });
  await eventually(
    `server ${name} runs, and its node is Ready`,
    async () => {
      const server = await cloud.server(id);
      if (server === undefined) return true;
      if (server.taskState !== null) return false;
      const { status, body } = await api.call("GET", `/api/v1/nodes/${name}`);
      const isTalking = nodes.nodes.some(({ machine }) => machine.id === id && machine.isTalking);
      const isWell = server.status === "ACTIVE" && isTalking && status === 200 && isReady(body);
      if (!isWell) await cloud.act(id, { reboot: { type: "HARD" } });
      return isWell;
    },
    { ...within, everyMs: 15_000 },
  );
}
