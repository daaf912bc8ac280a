import type { SimulatedCloud } from "../sim/openstack/cloud.ts";
import type { ApiObject } from "./api-client.ts";
import type { CloudServer } from "./openstack-cloud.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

const replica = /^(one|two|three)$/;

/**
 * Watches everything that replicas write to the API server.
 *
 * @returns broken promises, one sentence each; grows
 */
export function watchLaws({ kube }: SimulatedWorld, cloud: SimulatedCloud, servers: readonly CloudServer[]): string[] {
  const broken: string[] = [];
  const serverOf = (node: ApiObject) => cloud.state.compute.find(node.status.nodeInfo.systemUUID);
  kube.writes.onWrite(({ stage, request }) => {
    const { name = "", kind, method, body, instance } = request;
    if (stage !== "before" || kind?.plural !== "nodes" || !replica.test(instance)) return;
    const node = kube.store.get("nodes", name);
    if (node === undefined) return;
    const server = serverOf(node);
    const power = server === undefined ? "gone" : `${server.vmState} with power ${server.powerState}`;
    const isOff = server === undefined || (server.vmState === "stopped" && server.powerState === 4);
    const isTaint = JSON.stringify((body as ApiObject)?.spec?.taints ?? []).includes("out-of-service");
    if (isTaint && !isOff) broken.push(`${name} was tainted while its server was ${power}`);
    if (method === "DELETE" && server !== undefined) broken.push(`Node ${name} was deleted while its server was there`);
  });
  cloud.onCall(({ service, method, path }, when) => {
    const id = /\/servers\/([^/]+)\/action$/.exec(path)?.[1];
    const isKnown = servers.some((server) => server.id === id) || cloud.state.compute.find(id ?? "") !== undefined;
    if (when === "before" && service === "nova" && method !== "GET" && id !== undefined && !isKnown) {
      broken.push(`an action was asked of ${id}, which nobody knows`);
    }
    return undefined;
  });
  return broken;
}
