import { type CloudAnswer, json } from "../http/answer.ts";
import { bodyOf, clusterOf, groupOf, invalid, type MagnumCall, needMinor, refuse } from "./context.ts";

/** `POST /clusters/ID/actions/resize` @throws Refusal */
export function resize(call: MagnumCall, nameOrId: string): CloudAnswer {
  needMinor(call, 7);
  const { node_count: count, nodes_to_remove: unwanted = [], nodegroup: name = "default-worker" } = bodyOf(call);
  if (typeof count !== "number") throw invalid("node_count", "None", "Mandatory field missing.");
  if (count < 0) throw invalid("node_count", count, "Value should be greater or equal to 0");
  const cluster = clusterOf(call, nameOrId);
  if (count === 0 && call.minor < 10) {
    throw refuse(400, "Resizing a nodegroup to zero is not supported in the provided microversion.");
  }
  const nodes = groupOf(cluster, name);
  if (nodes.role === "master") throw refuse(400, "Resizing a master nodegroup is not supported.");
  call.clusters.resize(cluster, nodes, count, unwanted);
  return json(202, { uuid: cluster.uuid });
}
