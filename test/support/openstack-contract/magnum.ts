import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type HttpAnswer, http, type Json } from "../openstack-http.ts";
import type { ContractKit } from "./kit.ts";
import { clusterOf, idsOf, serverRows, stackOf, stackPath } from "./stack.ts";
import type { AddTest } from "./tests.ts";

export function magnumContract(add: AddTest, kit: ContractKit): void {
  add("a cluster shows status, stack, labels, counts and addresses; a list shows less", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { uuid, name, stackId } = await kit.cluster();
    const { masters, workers } = await cloud.cluster(uuid);
    const cluster = (await session.magnum("GET", `/clusters/${uuid}`)).body;
    expect(cluster).toMatchObject({
      uuid,
      name,
      stack_id: stackId,
      status: "CREATE_COMPLETE",
      labels: { auto_healing_enabled: "true", contract: "yes" },
      node_count: 2,
      master_count: 1,
      health_status: null,
      health_status_reason: {},
    });
    expect(cluster.node_addresses.sort()).toEqual(workers.map(({ ip }) => ip).sort());
    expect(cluster.master_addresses).toEqual(masters.map(({ ip }) => ip));
    expect(cluster).not.toHaveProperty("faults");
    expect((await session.magnum("GET", `/clusters/${name}`)).body.uuid).toBe(uuid);
    const { clusters } = (await session.magnum("GET", "/clusters")).body;
    const row = clusters.find((it: Json) => it.uuid === uuid);
    expect(row).toMatchObject({ uuid, stack_id: stackId, status: "CREATE_COMPLETE", labels: cluster.labels });
    for (const missing of ["node_addresses", "health_status_reason"]) expect(row).not.toHaveProperty(missing);
  });

  add("its node groups have their own status and stack id; alone, also their addresses", async () => {
    const session = await kit.session();
    const { uuid, stackId } = await kit.cluster();
    const { nodegroups } = (await session.magnum("GET", `/clusters/${uuid}/nodegroups`)).body;
    const short = nodegroups.map(({ name, role, node_count, status, stack_id }: Json) => {
      return [name, role, node_count, status, stack_id];
    });
    expect(short.sort()).toEqual([
      ["default-master", "master", 1, "CREATE_COMPLETE", stackId],
      ["default-worker", "worker", 2, "CREATE_COMPLETE", stackId],
    ]);
    const workers = (await session.magnum("GET", `/clusters/${uuid}/nodegroups/default-worker`)).body;
    expect(workers.node_addresses).toHaveLength(2);
  });

  add("a cluster or node group that Magnum does not know is 404 in its own words", async () => {
    const session = await kit.session();
    const { uuid } = await kit.cluster();
    const unknown = randomUUID();
    for (const [path, text] of [
      [`/clusters/${unknown}`, `Cluster ${unknown} could not be found.`],
      [`/clusters/${uuid}/nodegroups/nope`, "Nodegroup nope could not be found."],
    ] as const) {
      const { status, body } = await session.magnum("GET", path);
      expect([status, body.errors[0]]).toMatchObject([404, { status: 404, code: "client", detail: text }]);
    }
  });

  add("without a microversion, node groups and resize are 406 with an empty title; so is 1.99", async () => {
    const session = await kit.session();
    const { uuid } = await kit.cluster();
    const url = `${session.url("container-infra")}/clusters`;
    const { token } = session;
    const bare: HttpAnswer[] = [
      await http("GET", `${url}/${uuid}/nodegroups`, { token }),
      await http("POST", `${url}/${uuid}/actions/resize`, { token, body: { node_count: 2 } }),
    ];
    for (const { status, body } of bare) expect([status, body.errors[0].title]).toEqual([406, ""]);
    const beyond = await session.magnum("GET", "/clusters", undefined, "1.99");
    const { min_version, max_version } = beyond.body.errors[0];
    expect([beyond.status, min_version, max_version]).toEqual([406, "1.1", expect.stringMatching(/^1\.\d+$/)]);
    expect((await http("GET", url, { token })).headers.get("openstack-api-version")).toBe("container-infra 1.1");
  });

  add("health is accepted with a reason that is the text of a dict of texts, and seen a moment later", async () => {
    const session = await kit.session();
    const cluster = await kit.cluster();
    const accepted = await session.magnum(
      "PATCH",
      `/clusters/${cluster.uuid}`,
      health("UNHEALTHY", '{"n1.Ready": "False"}'),
    );
    expect([accepted.status, accepted.body]).toEqual([202, { uuid: cluster.uuid }]);
    await kit.until("the health", async () => (await clusterOf(session, cluster)).health_status === "UNHEALTHY");
    expect((await clusterOf(session, cluster)).health_status_reason).toEqual({ "n1.Ready": "False" });
    expect((await session.magnum("PATCH", `/clusters/${cluster.uuid}`, health("HEALTHY", "{}"))).status).toBe(202);
    await kit.until("the health", async () => (await clusterOf(session, cluster)).health_status === "HEALTHY");
    expect((await clusterOf(session, cluster)).health_status_reason).toEqual({});
  });

  add("other health, other reasons, other fields and other operations are 400", async () => {
    const session = await kit.session();
    const { uuid } = await kit.cluster();
    const wrong: readonly Json[] = [
      health("SICK", "{}"),
      health("HEALTHY", { n1: "False" }),
      health("HEALTHY", "text"),
      health("HEALTHY", '{"n1": true}'),
      [{ op: "add", path: "/health_status", value: "HEALTHY" }],
      [{ op: "replace", path: "/labels/auto_healing_enabled", value: "false" }],
    ];
    for (const patch of wrong) {
      const { status, body } = await session.magnum("PATCH", `/clusters/${uuid}`, patch);
      expect([JSON.stringify(patch), status, body.errors[0].status]).toEqual([JSON.stringify(patch), 400, 400]);
    }
  });

  add("a label that is set behind Magnum's back shows, as text", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const cluster = await kit.cluster();
    await cloud.setLabel(cluster.uuid, "auto_healing_enabled", "false");
    expect((await clusterOf(session, cluster)).labels.auto_healing_enabled).toBe("false");
    await cloud.setLabel(cluster.uuid, "auto_healing_enabled", "true");
    expect((await clusterOf(session, cluster)).labels.auto_healing_enabled).toBe("true");
  });

  add("a resize of masters, of an unknown group or without a count is refused", async () => {
    const session = await kit.session();
    const { uuid } = await kit.cluster();
    for (const [body, status] of [
      [{ node_count: 1, nodegroup: "default-master" }, 400],
      [{ node_count: 1, nodegroup: "nope" }, 404],
      [{ node_count: -1 }, 400],
      [{}, 400],
    ] as const) {
      const answer = await session.magnum("POST", `/clusters/${uuid}/actions/resize`, body);
      expect([body, answer.status, answer.body.errors[0].status]).toEqual([body, status, status]);
    }
  });
}

/** Changes the cluster: the last of Magnum. */
export function magnumResizeContract(add: AddTest, kit: ContractKit): void {
  add("a resize that names a server replaces it, and the status says so only after a while", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const cluster = await kit.cluster();
    const { uuid } = cluster;
    const path = await stackPath(session, cluster.stackId);
    const before = idsOf(await serverRows(session, path));
    const victim = before["kube-minion 0"] ?? "";
    const resize = { node_count: 2, nodes_to_remove: [victim, randomUUID()] };
    const accepted = await session.magnum("POST", `/clusters/${uuid}/actions/resize`, resize);
    expect([accepted.status, accepted.body]).toEqual([202, { uuid }]);
    // too early a look takes it for done; Magnum shows its work three seconds later
    const { clock } = kit.pace;
    const acceptedAtMs = clock.now().monoMs;
    const early = (await clusterOf(session, cluster)).status;
    const wasEarly = clock.now().monoMs - acceptedAtMs < 1_500;
    expect(wasEarly ? ["CREATE_COMPLETE"] : ["CREATE_COMPLETE", inProgress]).toContain(early);
    const group = `/clusters/${uuid}/nodegroups/default-worker`;
    await kit.until("the group's work", async () => (await session.magnum("GET", group)).body.status === inProgress);
    await kit.until("the cluster's work", async () => (await clusterOf(session, cluster)).status === inProgress);
    expect((await stackOf(session, path)).stack_status).toBe(inProgress);
    expect((await session.magnum("PATCH", `/clusters/${uuid}`, health("UNHEALTHY", "{}"))).status).toBe(202);
    const end = await kit.until("the cluster's end", async () => {
      const seen = await clusterOf(session, cluster);
      return seen.status !== inProgress && seen;
    });
    expect([end.status, end.node_count]).toEqual(["UPDATE_COMPLETE", 2]);
    // what was reported meanwhile was accepted and dropped
    expect(end.health_status).toBe("HEALTHY");
    const after = idsOf(await serverRows(session, path));
    const { "kube-minion 0": _, ...kept } = before;
    expect(after).toEqual({ ...kept, "kube-minion 2": expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect((await session.nova("GET", `/servers/${victim}`)).status).toBe(404);
    const heir = (await cloud.cluster(uuid)).workers.find(({ id }) => id === after["kube-minion 2"]);
    expect(heir).toMatchObject({ status: "ACTIVE", name: expect.stringMatching(/-node-2$/), boots: 1 });
    expect(end.node_addresses).toContain(heir?.ip);
    expect((await session.magnum("GET", group)).body.status).toBe("UPDATE_COMPLETE");
  });
}

const inProgress = "UPDATE_IN_PROGRESS";

function health(status: string, reason: unknown): Json {
  return [
    { op: "replace", path: "/health_status", value: status },
    { op: "replace", path: "/health_status_reason", value: reason },
  ];
}
