import { expect } from "vitest";
import type { ContractKit } from "./kit.ts";
import { nestedPath, serverRows, stackOf, stackPath } from "./stack.ts";
import type { AddTest } from "./tests.ts";

/** Changes the stack: the last of Heat. */
export function heatUpdateContract(add: AddTest, kit: ContractKit): void {
  add("an update replaces what is marked and nothing else: the same name and address, a new id", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { uuid, stackId } = await kit.cluster();
    const path = await stackPath(session, stackId);
    const before = await cloud.cluster(uuid);
    const [victim] = before.masters;
    const rows = await serverRows(session, path);
    const row = rows.find((it) => it.resource_name === "kube-master");
    const mark = { mark_unhealthy: true, resource_status_reason: "contract" };
    expect((await session.heat("PATCH", `${nestedPath(row)}/resources/kube-master`, mark)).status).toBe(200);
    const accepted = await session.heat("PATCH", path, {});
    expect([accepted.status, accepted.body]).toEqual([202, undefined]);
    expect(accepted.headers.get("content-type")).toMatch(/^text\/html/);
    expect((await stackOf(session, path)).stack_status).toBe("UPDATE_IN_PROGRESS");
    const twins = new Set<string>();
    await kit.until("the end of the update", async () => {
      const list = (await session.nova("GET", `/servers?name=${victim?.name}`)).body.servers;
      if (list.length > 1) for (const { id } of list) twins.add(id);
      return (await stackOf(session, path)).stack_status !== "UPDATE_IN_PROGRESS";
    });
    const stack = await stackOf(session, path);
    const end = [stack.stack_status, stack.stack_status_reason];
    expect(end).toEqual(["UPDATE_COMPLETE", "Stack UPDATE completed successfully"]);
    const after = await cloud.cluster(uuid);
    const [heir] = after.masters;
    expect(heir).toMatchObject({ name: victim?.name, ip: victim?.ip, status: "ACTIVE" });
    expect(heir?.id).not.toBe(victim?.id);
    expect(after.workers.map(({ id }) => id)).toEqual(before.workers.map(({ id }) => id));
    expect((await session.nova("GET", `/servers/${victim?.id}`)).status).toBe(404);
    expect(nestedPath((await serverRows(session, path)).find((it) => it.resource_name === "kube-master"))).toBe(
      nestedPath(row),
    );
    expect(after.status).toBe(before.status);
    // for a while there were both, under one name
    expect([...twins].sort()).toEqual([victim?.id, heir?.id].sort());
  });

  add("somebody else's update shows in Heat and not in Magnum", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { uuid, stackId } = await kit.cluster();
    const path = await stackPath(session, stackId);
    await cloud.beginForeignUpdate(uuid);
    expect((await stackOf(session, path)).stack_status).toBe("UPDATE_IN_PROGRESS");
    const cluster = (await session.magnum("GET", `/clusters/${uuid}`)).body;
    expect([cluster.status, cluster.node_count]).toEqual([expect.stringMatching(/_COMPLETE$/), 2]);
  });
}
