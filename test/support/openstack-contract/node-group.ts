import { expect } from "vitest";
import type { Json } from "../openstack-http.ts";
import type { ContractKit } from "./kit.ts";
import { clusterOf, idsOf, serverRows, stackPath } from "./stack.ts";
import type { AddTest } from "./tests.ts";

const inProgress = "UPDATE_IN_PROGRESS";

/** A node group beyond the default ones. */
export function nodeGroupContract(add: AddTest, kit: ContractKit): void {
  add("a further node group has a stack of its own; its resize shows in it and touches no other group", async () => {
    const session = await kit.session();
    const cluster = await kit.cluster();
    const groups = `/clusters/${cluster.uuid}/nodegroups`;
    const made = await session.magnum("POST", groups, { name: "extra", node_count: 2 });
    expect([made.status, made.body]).toMatchObject([202, { name: "extra", node_count: 2 }]);
    const group = async () => (await session.magnum("GET", `${groups}/extra`)).body;
    const extra: Json = await kit.until("the group's creation", async () => {
      const seen = await group();
      return seen.status === "CREATE_COMPLETE" && seen;
    });
    expect(extra).toMatchObject({ role: "worker", is_default: false, node_count: 2 });
    expect(extra.stack_id).not.toBe(cluster.stackId);
    await kit.until("the cluster at rest", async () => (await clusterOf(session, cluster)).status !== inProgress);
    const path = await stackPath(session, extra.stack_id);
    const root = await stackPath(session, cluster.stackId);
    const before = idsOf(await serverRows(session, path));
    const others = idsOf(await serverRows(session, root));
    expect(Object.keys(before)).toEqual(["kube-minion 0", "kube-minion 1"]);
    const resize = { node_count: 2, nodes_to_remove: [before["kube-minion 0"]], nodegroup: "extra" };
    expect((await session.magnum("POST", `/clusters/${cluster.uuid}/actions/resize`, resize)).status).toBe(202);
    await kit.until("the group's work", async () => (await group()).status === inProgress);
    await kit.until("the cluster's work", async () => (await clusterOf(session, cluster)).status === inProgress);
    await kit.until("the group's end", async () => (await group()).status === "UPDATE_COMPLETE");
    expect(idsOf(await serverRows(session, path))).toEqual({
      "kube-minion 1": before["kube-minion 1"],
      "kube-minion 2": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(idsOf(await serverRows(session, root))).toEqual(others);
    await kit.until("the cluster's end", async () => (await clusterOf(session, cluster)).status === "UPDATE_COMPLETE");
    expect((await session.magnum("DELETE", `${groups}/extra`)).status).toBe(204);
    await kit.until("no group", async () => (await session.magnum("GET", `${groups}/extra`)).status === 404);
  });
}
