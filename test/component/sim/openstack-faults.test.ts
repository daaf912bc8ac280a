import got from "got";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SimulatedCloud } from "../../sim/openstack/cloud.ts";
import type { SimulatedCloudOptions } from "../../sim/openstack/options.ts";
import { startSimulatedCloud } from "../../sim/openstack/start.ts";
import { idsOf, nestedPath, serverRows, stackOf, stackPath } from "../../support/openstack-contract/stack.ts";
import { HttpSession } from "../../support/openstack-http.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

let clock: VirtualClock;
let cloud: SimulatedCloud;
let session: HttpSession;

async function start(options: Omit<SimulatedCloudOptions, "clock"> = {}): Promise<void> {
  await cloud?.[Symbol.asyncDispose]();
  clock = new VirtualClock();
  cloud = await startSimulatedCloud({ ...options, clock });
  session = await HttpSession.open(cloud.account);
}

beforeEach(() => start());

afterEach(async () => {
  expect(cloud.state.schedule.bugs).toEqual([]);
  await cloud[Symbol.asyncDispose]();
});

/** Runs time until the promise is settled. @returns how much that took */
async function runOut<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<[T, number]> {
  let isOver = false;
  promise.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const tookMs = await clock.runUntil(() => isOver, limitMs, "the answer");
  return [await promise, tookMs];
}

describe("time", () => {
  test("a virtual clock waits for a call of got, and not for one that is never answered", async () => {
    const url = `${session.url("compute")}/servers`;
    const headers = { "X-Auth-Token": session.token };
    const asked = got(url, { headers, retry: { limit: 0 } }).json();
    clock.sleep(50).catch(() => undefined);
    expect((await runOut(asked))[1]).toBe(0);
    await cloud.setServiceFault("nova", "silent");
    using deadline = clock.deadline(4_000);
    const unheard = got(url, { headers, retry: { limit: 0 }, signal: deadline.signal }).json();
    await expect(runOut(unheard)).rejects.toThrow();
  });

  test("a slow service answers later on the clock", async () => {
    cloud.setDelay("nova", 700);
    const [answer, tookMs] = await runOut(session.nova("GET", "/servers"));
    expect([answer.status, tookMs]).toEqual([200, 700]);
  });

  test("healing a service cuts the calls that it left unanswered", async () => {
    await cloud.setServiceFault("nova", "silent");
    const waiting = session.nova("GET", "/servers").catch((error: Error) => error.message);
    await clock.settle();
    await cloud.setServiceFault("nova", undefined);
    expect(await waiting).toBe("fetch failed");
  });
});

describe("planned answers", () => {
  test("the next call of a kind gets the planned answer, is not carried out, and the one after it is", async () => {
    const { id } = await cloud.createServer("a");
    const retry = { status: 429, body: "{}", headers: { "Retry-After": "3" } };
    cloud.answerNext("nova", "POST", /\/action$/, retry);
    const act = () => session.nova("POST", `/servers/${id}/action`, { "os-stop": null });
    const refused = await act();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3"]);
    expect((await cloud.server(id))?.taskState).toBeNull();
    expect((await act()).status).toBe(202);
  });

  test("a listener hears of each call, and leaves the caller alone after the act", async () => {
    const { id } = await cloud.createServer("a");
    const heard: string[] = [];
    const stop = cloud.onCall((call, when) => {
      heard.push(`${when} ${call.method} ${call.status}`);
      return when === "after" && call.method === "POST";
    });
    using deadline = clock.deadline(2_000);
    const call = { body: { "os-stop": null }, signal: deadline.signal };
    const unheard = session.call("compute", "POST", `/servers/${id}/action`, call).catch(() => "unheard");
    expect(await runOut(unheard)).toEqual(["unheard", 2_000]);
    expect([heard, (await cloud.server(id))?.status]).toEqual([["before POST 0", "after POST 202"], "SHUTOFF"]);
    stop();
  });
});

describe("what a cloud may lack", () => {
  test("without Magnum and Heat the catalog does not name them", async () => {
    await start({ services: [] });
    expect(session.catalog.map(({ type }) => type).sort()).toEqual(["compute", "identity"]);
  });

  test("another region is in the catalog and leads nowhere", async () => {
    await start({ otherRegions: ["Elsewhere"] });
    const nova = session.catalog.find(({ type }) => type === "compute");
    const regions = nova.endpoints.map(({ region_id }: { region_id: string }) => region_id);
    expect(new Set(regions)).toEqual(new Set(["RegionOne", "Elsewhere"]));
    const { url } = nova.endpoints.find(({ region_id }: { region_id: string }) => region_id === "Elsewhere");
    await expect(got(url, { retry: { limit: 0 } })).rejects.toThrow("ECONNREFUSED");
  });
});

describe("compute hosts", () => {
  test("a host whose death nobody noticed counts as up for a minute", async () => {
    const { id } = await cloud.createServer("a");
    const admin = await HttpSession.open(cloud.adminAccount);
    const statuses = async () => (await admin.nova("GET", `/servers/${id}`)).body.server.host_status;
    cloud.killComputeHost(id);
    expect(await statuses()).toBe("UP");
    await expect(cloud.act(id, { evacuate: {} })).rejects.toThrow("is still in use");
    await clock.advance(60_000);
    expect(await statuses()).toBe("UNKNOWN");
    await cloud.act(id, { evacuate: {} });
    await clock.advance(5_000);
    expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE", boots: 2 });
  });

  test("with every other host dead, an evacuation ends in ERROR", async () => {
    const servers = [await cloud.createServer("a"), await cloud.createServer("b")];
    for (const { id } of servers) await cloud.setComputeHost(id, "dead");
    await cloud.act(servers[0]?.id ?? "", { evacuate: {} });
    const fault = "No valid host was found. There are not enough hosts available.";
    expect(await cloud.server(servers[0]?.id ?? "")).toMatchObject({ status: "ERROR", fault });
  });

  test("an admin forces a host down and sees it; while an evacuation's records remain it stays down", async () => {
    const { id } = await cloud.createServer("a");
    const admin = await HttpSession.open(cloud.adminAccount);
    const { server } = (await admin.nova("GET", `/servers/${id}`)).body;
    const { services } = (await admin.nova("GET", "/os-services?binary=nova-compute")).body;
    const host = services.find((it: { host: string }) => it.host === server["OS-EXT-SRV-ATTR:host"]);
    const force = (forced_down: boolean) => admin.nova("PUT", `/os-services/${host.id}`, { forced_down });
    const { service } = (await force(true)).body;
    expect([service.state, service.forced_down]).toEqual(["down", true]);
    expect((await admin.nova("POST", `/servers/${id}/action`, { evacuate: {} })).status).toBe(200);
    expect((await force(false)).status).toBe(400);
  });
});

describe("stacks and clusters", () => {
  test("a second update during the first cancels it; what was marked is replaced by the next one", async () => {
    const cluster = await cloud.createCluster({ name: "k8s", masters: 1, workers: 2 });
    const path = await stackPath(session, cluster.stackId);
    const [row] = (await serverRows(session, path)).filter((it) => it.resource_name === "kube-minion");
    await session.heat("PATCH", `${nestedPath(row)}/resources/kube-minion`, { mark_unhealthy: true });
    for (let count = 0; count < 2; count += 1) expect((await session.heat("PATCH", path, {})).status).toBe(202);
    await clock.advance(60_000);
    const stack = await stackOf(session, path);
    const end = [stack.stack_status, stack.stack_status_reason];
    expect(end).toEqual(["UPDATE_FAILED", "Stack UPDATE cancelled"]);
    expect(idsOf(await serverRows(session, path))["kube-minion 0"]).toBe(row.physical_resource_id);
    await session.heat("PATCH", path, {});
    await clock.advance(60_000);
    expect((await stackOf(session, path)).stack_status).toBe("UPDATE_COMPLETE");
    expect(idsOf(await serverRows(session, path))["kube-minion 0"]).not.toBe(row.physical_resource_id);
  });

  test("a second resize fails the first, health is dropped in that status too, and a third repairs", async () => {
    const { uuid, workers } = await cloud.createCluster({ name: "k8s", masters: 1, workers: 2 });
    const resize = { node_count: 2, nodes_to_remove: [workers[0]?.id] };
    const again = () => session.magnum("POST", `/clusters/${uuid}/actions/resize`, resize);
    await again();
    await clock.advance(8_000);
    await again();
    await clock.advance(60_000);
    const failed = (await session.magnum("GET", `/clusters/${uuid}`)).body;
    expect(failed).toMatchObject({ status: "UPDATE_FAILED", faults: { "default-worker": "Stack UPDATE cancelled" } });
    expect(failed.status_reason).toBe("default-master failed, default-worker failed");
    const patch = [{ op: "replace", path: "/health_status", value: "UNHEALTHY" }];
    expect((await session.magnum("PATCH", `/clusters/${uuid}`, patch)).status).toBe(202);
    await clock.advance(1_000);
    expect((await cloud.cluster(uuid)).healthStatus).toBeNull();
    await again();
    await clock.advance(60_000);
    const repaired = await cloud.cluster(uuid);
    expect(repaired.status).toBe("UPDATE_COMPLETE");
    expect(repaired.workers.map(({ name }) => name.slice(-6))).toEqual(["node-1", "node-2"]);
  });

  test("a server that cannot be built fails the update, and the next one builds it", async () => {
    const { uuid, workers } = await cloud.createCluster({ name: "k8s", masters: 1, workers: 2 });
    await cloud.setFault("*", "spawn", { kind: "fail" });
    const resize = { node_count: 2, nodes_to_remove: [workers[0]?.id] };
    await session.magnum("POST", `/clusters/${uuid}/actions/resize`, resize);
    await clock.advance(60_000);
    const failed = (await session.magnum("GET", `/clusters/${uuid}`)).body;
    expect([failed.status, failed.faults["default-worker"]]).toEqual([
      "UPDATE_FAILED",
      expect.stringMatching(/^ResourceInError: resources\.kube_minions.*Went to status ERROR/),
    ]);
    await cloud.setFault("*", "spawn", undefined);
    await session.magnum("POST", `/clusters/${uuid}/actions/resize`, { node_count: 2 });
    await clock.advance(60_000);
    const healed = await cloud.cluster(uuid);
    expect([healed.status, healed.workers.map(({ status }) => status)]).toEqual([
      "UPDATE_COMPLETE",
      ["ACTIVE", "ACTIVE"],
    ]);
  });

  test("the row of an untouched node is missing for a moment during an update", async () => {
    const cluster = await cloud.createCluster({ name: "k8s", masters: 1, workers: 2 });
    const path = await stackPath(session, cluster.stackId);
    await session.heat("PATCH", path, {});
    await clock.advance(28_000);
    expect(Object.keys(idsOf(await serverRows(session, path)))).toEqual(["kube-minion 1"]);
    await clock.advance(4_000);
    expect(await serverRows(session, path)).toHaveLength(3);
    expect(await cloud.servers()).toHaveLength(3);
  });
});
