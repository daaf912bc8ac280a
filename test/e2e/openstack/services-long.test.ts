import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { eventually } from "../../support/eventually.ts";
import type { CloudCluster, CloudServer, OpenStackCloud } from "../../support/openstack-cloud.ts";
import { Caller } from "./caller.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

describe("the real OpenStack services, as tests use them", () => {
  let cloud: OpenStackCloud;
  let caller: Caller;

  beforeAll(async () => {
    cloud = await joinOpenStack(inject("openStack"));
    caller = new Caller(cloud.account);
  });

  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  });

  const become = (id: string, status: string): Promise<CloudServer> =>
    eventually(
      `server ${id} is ${status}`,
      async () => {
        const server = await cloud.server(id);
        return server?.status === status && server.taskState === null ? server : undefined;
      },
      { withinMs: 60_000, everyMs: 250 },
    );

  describe("a server", () => {
    let server: CloudServer;

    beforeAll(async () => {
      server = await cloud.createServer("one", { metadata: { purpose: "test" } });
    });

    test("has an address, runs, and has booted once", async () => {
      expect(server).toMatchObject({ name: "one", status: "ACTIVE", powerState: 1, taskState: null, boots: 1 });
      expect(server.ip).toMatch(/^10\.77\./);
      expect(await cloud.servers()).toEqual([server]);
      expect((await caller.nova("GET", `/servers/${server.id}`)).body.server.metadata).toEqual({ purpose: "test" });
    });

    test("stops, starts and reboots, and its boots are counted", async () => {
      await cloud.act(server.id, { "os-stop": null });
      expect(await become(server.id, "SHUTOFF")).toMatchObject({ powerState: 4, boots: 1 });
      await cloud.act(server.id, { "os-start": null });
      expect(await become(server.id, "ACTIVE")).toMatchObject({ powerState: 1, boots: 2 });
      await cloud.act(server.id, { reboot: { type: "HARD" } });
      await eventually("it has booted again", async () => (await become(server.id, "ACTIVE")).boots === 3);
    });

    test("takes its time when it is told to, until it is healed", async () => {
      await cloud.setFault(server.id, "power_off", { kind: "delay", seconds: 3_600 });
      await cloud.act(server.id, { "os-stop": null });
      await eventually("it is powering off", async () => (await cloud.server(server.id))?.taskState === "powering-off");
      await cloud.setFault(server.id, "power_off", undefined);
      await become(server.id, "SHUTOFF");
    });

    test("fails when it is told to, and the owner is not told why", async () => {
      await cloud.setFault(server.id, "spawn", { kind: "fail" });
      const image = (await caller.nova("GET", `/servers/${server.id}`)).body.server.image.id;
      await cloud.act(server.id, { rebuild: { imageRef: image } });
      expect((await become(server.id, "ERROR")).fault).toBeTypeOf("string");
      await cloud.setFault(server.id, "spawn", undefined);
      await cloud.act(server.id, { rebuild: { imageRef: image } });
      expect((await become(server.id, "ACTIVE")).id).toBe(server.id);
    });

    test("is gone after it was deleted", async () => {
      await cloud.deleteServer(server.id);
      expect(await cloud.server(server.id)).toBeUndefined();
      expect(await cloud.servers()).toEqual([]);
    });
  });

  test("a server boots from a volume, which fails to be written anew when told to", async () => {
    const server = await cloud.createServer("disk", { fromVolume: true });
    const seen = (await caller.nova("GET", `/servers/${server.id}`)).body.server;
    expect(seen.image).toBe("");
    const volume = seen["os-extended-volumes:volumes_attached"][0].id;
    const look = async () => (await caller.call("volumev3", "GET", `/volumes/${volume}`)).body.volume;
    const image = (await look()).volume_image_metadata.image_id;
    await cloud.act(server.id, { rebuild: { imageRef: image } });
    await eventually("it booted anew", async () => (await become(server.id, "ACTIVE")).boots === 2, {
      withinMs: 60_000,
    });
    await cloud.setFault(server.id, "reimage", { kind: "fail" });
    await cloud.act(server.id, { rebuild: { imageRef: image } });
    await eventually("the volume is in error", async () => (await look()).status === "error", { withinMs: 60_000 });
  });

  describe("a Magnum cluster", () => {
    let cluster: CloudCluster;

    beforeAll(async () => {
      cluster = await cloud.createCluster({ name: "k8s", masters: 1, workers: 2 });
    }, 300_000);

    test("is a Heat stack of masters and workers", async () => {
      expect(cluster).toMatchObject({ name: "k8s", status: "CREATE_COMPLETE" });
      expect(cluster.masters.map(({ name }) => name)).toEqual([expect.stringMatching(/^k8s-\w+-master-0$/)]);
      const workers = [/^k8s-\w+-node-0$/, /^k8s-\w+-node-1$/].map((name) => expect.stringMatching(name));
      expect(cluster.workers.map(({ name }) => name)).toEqual(workers);
      const { body } = await caller.call("container-infra", "GET", `/clusters/${cluster.uuid}`);
      expect(body.node_addresses.toSorted()).toEqual(cluster.workers.map(({ ip }) => ip).toSorted());
      expect(body.labels).toMatchObject({ auto_healing_enabled: "true" });
    });

    test("shows a label that was set behind its back, and the health that it is told", async () => {
      await cloud.setLabel(cluster.uuid, "auto_healing_enabled", "false");
      const path = `/clusters/${cluster.uuid}`;
      const { body } = await caller.call("container-infra", "GET", path);
      expect(body.labels.auto_healing_enabled).toBe("false");
      const health = [
        { op: "replace", path: "/health_status", value: "UNHEALTHY" },
        { op: "replace", path: "/health_status_reason", value: '{"n1.Ready": "False"}' },
      ];
      expect((await caller.call("container-infra", "PATCH", path, health)).status).toBe(202);
      await eventually("the health is shown", async () => (await cloud.cluster(cluster.uuid)).healthStatus !== null);
      expect(await cloud.cluster(cluster.uuid)).toMatchObject({
        healthStatus: "UNHEALTHY",
        healthReason: { "n1.Ready": "False" },
      });
    });

    test("is updated by somebody else, and Magnum does not know", async () => {
      await cloud.beginForeignUpdate(cluster.uuid);
      const begunMs = systemClock.now().monoMs;
      const stack = await caller.call("orchestration", "GET", `/stacks/${cluster.stackId}`);
      expect(stack.body.stack.stack_status).toBe("UPDATE_IN_PROGRESS");
      expect((await cloud.cluster(cluster.uuid)).status).toBe("CREATE_COMPLETE");
      await eventually(
        "the update is over",
        async () => {
          const { body } = await caller.call("orchestration", "GET", `/stacks/${cluster.stackId}`);
          return body.stack.stack_status === "UPDATE_COMPLETE";
        },
        { withinMs: 120_000, everyMs: 500 },
      );
      expect(systemClock.now().monoMs - begunMs).toBeGreaterThan(15_000);
      expect((await cloud.cluster(cluster.uuid)).workers).toHaveLength(3);
    });

    test("is gone after it was deleted", async () => {
      await cloud.deleteCluster(cluster.uuid);
      expect(await cloud.servers()).not.toContainEqual(expect.objectContaining({ name: cluster.masters[0]?.name }));
    });
  });

  describe("between the code under test and the services", () => {
    test("every call is seen, and links lead back to where they can be seen", async () => {
      const before = cloud.calls().length;
      const { body } = await caller.nova("GET", "/servers/detail?name=nobody");
      expect(body.servers).toEqual([]);
      expect(cloud.calls().slice(before)).toEqual([
        { service: "nova", method: "GET", path: "/v2.1/servers/detail?name=nobody", body: "", status: 200 },
      ]);
      await cloud.createServer("two");
      const page = (await caller.nova("GET", "/servers?limit=1")).body;
      expect(page.servers_links[0].href).toContain(await caller.urlOf("compute"));
    });

    test("a service refuses, is silent, answers 503, talks nonsense, and is well again", async () => {
      const ask = () => caller.nova("GET", "/servers", undefined, 1_000).catch((error: Error) => causeOf(error));
      await cloud.setServiceFault("nova", "refuses");
      expect(await ask()).toBe("ECONNREFUSED");
      await cloud.setServiceFault("nova", "silent");
      expect(await ask()).toBe("TimeoutError");
      await cloud.setServiceFault("nova", "answers-503");
      expect(await ask()).toMatchObject({ status: 503 });
      await cloud.setServiceFault("nova", "talks-nonsense");
      expect(await ask()).toMatchObject({ status: 200, body: expect.stringContaining("<html>") });
      await cloud.setServiceFault("nova", undefined);
      expect(await ask()).toMatchObject({ status: 200, body: { servers: expect.any(Array) } });
    });

    test("an answer is lost after the act took place, once", async () => {
      const [server] = await cloud.servers();
      const act = `/servers/${server?.id}/action`;
      cloud.loseNextAnswer("nova", "POST", /\/action$/);
      await expect(caller.nova("POST", act, { "os-stop": null })).rejects.toThrow("fetch failed");
      await become(server?.id ?? "", "SHUTOFF");
      expect(cloud.calls().at(-1)).toMatchObject({ method: "POST", status: 202, body: '{"os-stop":null}' });
      expect((await caller.nova("POST", act, { "os-start": null })).status).toBe(202);
    });
  });

  describe("the login", () => {
    test("a revoked token answers 401 at every service, and a new one works", async () => {
      const asks = [
        () => caller.nova("GET", "/servers"),
        () => caller.call("orchestration", "GET", "/stacks"),
        () => caller.call("container-infra", "GET", "/clusters"),
      ];
      const statuses = async () => (await Promise.all(asks.map((ask) => ask()))).map(({ status }) => status);
      expect(await statuses()).toEqual([200, 200, 200]);
      await cloud.revokeTokens();
      expect(await statuses()).toEqual([401, 401, 401]);
      caller.forgetToken();
      expect(await statuses()).toEqual([200, 200, 200]);
    });

    test("an application credential works until it ends or is deleted", async () => {
      const made = await cloud.createApplicationCredential({ name: "healer", roles: ["member"] });
      expect(await caller.login(made)).toBe(201);
      await cloud.deleteApplicationCredential(made.id);
      expect(await caller.login(made)).toBe(404);
      const short = await cloud.createApplicationCredential({ name: "short", expiresInMs: 3_000 });
      expect(await caller.login(short)).toBe(201);
      await eventually("it has expired", async () => (await caller.login(short)) === 401);
    });
  });
});

function causeOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? error.name;
}
