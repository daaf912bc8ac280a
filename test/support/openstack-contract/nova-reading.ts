import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { http } from "../openstack-http.ts";
import { act, type ContractKit, start, stop } from "./kit.ts";
import type { AddTest } from "./tests.ts";

export function novaReadingContract(add: AddTest, kit: ContractKit): void {
  add("the version document needs no token and names the microversions", async () => {
    const session = await kit.session();
    const { status, body } = await http("GET", `${session.url("compute")}/`);
    expect([status, body.version.id, body.version.min_version]).toEqual([200, "v2.1", "2.1"]);
    expect(Number(body.version.version.split(".")[1])).toBeGreaterThanOrEqual(79);
  });

  add("an unknown microversion is 406, no version at all 400, and a known one is named in the answer", async () => {
    const session = await kit.session();
    const beyond = await session.nova("GET", "/servers", undefined, "2.999");
    const text = "Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is ";
    expect([beyond.status, beyond.body.computeFault.message]).toEqual([406, expect.stringContaining(text)]);
    expect((await session.nova("GET", "/servers", undefined, "abc")).status).toBe(400);
    const known = await session.nova("GET", "/servers", undefined, "2.51");
    expect([known.status, known.headers.get("openstack-api-version")]).toEqual([200, "compute 2.51"]);
    const latest = await session.nova("GET", "/servers", undefined, "latest");
    expect(latest.headers.get("openstack-api-version")).toMatch(/^compute 2\.\d\d$/);
  });

  add("a server is found by its id in any case, and by nothing else", async () => {
    const session = await kit.session();
    const { id, name } = await kit.running();
    const { status, body } = await session.nova("GET", `/servers/${id}`);
    expect(status).toBe(200);
    expect(body.server).toMatchObject({
      id,
      name,
      status: "ACTIVE",
      tenant_id: session.account.projectId,
      metadata: { colour: "blue" },
      hostId: expect.stringMatching(/^[0-9a-f]+$/),
      image: { id: expect.any(String) },
      locked: false,
      locked_reason: null,
      "OS-EXT-STS:task_state": null,
      "OS-EXT-STS:vm_state": "active",
      "OS-EXT-STS:power_state": 1,
      "os-extended-volumes:volumes_attached": [],
    });
    expect(body.server).not.toHaveProperty("fault");
    expect((await session.nova("GET", `/servers/${id.toUpperCase()}`)).body.server.id).toBe(id);
    for (const other of [id.replaceAll("-", ""), name, randomUUID()]) {
      const missing = await session.nova("GET", `/servers/${other}`);
      const message = `Instance ${other} could not be found.`;
      expect([missing.status, missing.body]).toEqual([404, { itemNotFound: { code: 404, message } }]);
    }
  });

  add("what somebody without the role admin does not get: hosts, their state, and locks below 2.9", async () => {
    const session = await kit.session();
    const { id } = await kit.running();
    const { server } = (await session.nova("GET", `/servers/${id}`)).body;
    for (const hidden of ["OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname", "host_status"]) {
      expect(server).not.toHaveProperty([hidden]);
    }
    expect((await session.nova("GET", `/servers/${id}`, undefined, "2.1")).body.server).not.toHaveProperty("locked");
  });

  add("lists take name as a pattern, ignore uuid and host, and refuse what they do not know", async () => {
    const session = await kit.session();
    const [one, other] = [await kit.running(), await kit.other()];
    const found = async (query: string) => {
      const { status, body } = await session.nova("GET", `/servers/detail?${query}`);
      expect(status).toBe(200);
      return body.servers.map(({ id }: { id: string }) => id);
    };
    expect(await found(`name=${encodeURIComponent(`^${one.name}$`)}`)).toEqual([one.id]);
    for (const ignored of [`uuid=${one.id}`, "host=nowhere"]) {
      expect(await found(ignored)).toEqual(expect.arrayContaining([one.id, other.id]));
    }
    const refused = { "name=(": 400, "all_tenants=1": 403, "nonsense=1": 400, "status=NONSENSE": 400 };
    for (const [query, status] of Object.entries(refused)) {
      expect([query, (await session.nova("GET", `/servers?${query}`)).status]).toEqual([query, status]);
    }
  });

  add("a list comes in pages when it is asked to", async () => {
    const session = await kit.session();
    const wanted = [await kit.running(), await kit.other()].map(({ id }) => id);
    const seen: string[] = [];
    let next: string | undefined = `${session.url("compute")}/servers?limit=1`;
    while (next !== undefined) {
      const { body } = await http("GET", next, { token: session.token });
      seen.push(...body.servers.map(({ id }: { id: string }) => id));
      const link = body.servers_links?.find(({ rel }: { rel: string }) => rel === "next");
      next = link?.href;
    }
    expect(seen).toEqual(expect.arrayContaining(wanted));
    expect(new Set(seen).size).toBe(seen.length);
  });

  add("a request is followed by its id: action, result and, from 2.51, its events", async () => {
    const session = await kit.session();
    const { id } = await kit.running();
    const requestId = (await act(session, id, stop)).headers.get("x-openstack-request-id");
    expect(requestId).toMatch(/^req-/);
    await kit.settled(session, id, "SHUTOFF");
    const path = `/servers/${id}/os-instance-actions`;
    const { status, body } = await session.nova("GET", `${path}/${requestId}`);
    expect(status).toBe(200);
    expect(body.instanceAction).toMatchObject({ action: "stop", request_id: requestId, message: null });
    const [event] = body.instanceAction.events;
    expect(event).toMatchObject({ event: "compute_stop_instance", result: "Success" });
    expect(event.finish_time).toMatch(/^\d{4}-/);
    const old = await session.nova("GET", `${path}/${requestId}`, undefined, "2.50");
    expect(old.body.instanceAction).not.toHaveProperty("events");
    const list = (await session.nova("GET", path)).body.instanceActions;
    expect(list[0]).toMatchObject({ action: "stop", request_id: requestId });
    expect(list.at(-1).action).toBe("create");
    expect((await session.nova("GET", `${path}/req-${randomUUID()}`)).status).toBe(404);
  });

  add("what is for admins is 403 with the name of the policy", async () => {
    const session = await kit.session();
    const { id } = await kit.running();
    const answers = [
      await act(session, id, { "os-resetState": { state: "error" } }),
      await act(session, id, { evacuate: {} }),
      await session.nova("GET", "/os-services?binary=nova-compute"),
      await session.nova("PUT", `/os-services/${randomUUID()}`, { forced_down: true }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.forbidden.code, body.forbidden.message]).toEqual([
        403,
        403,
        expect.stringMatching(/^Policy doesn't allow os_compute_api:.* to be performed\.$/),
      ]);
    }
  });

  add("a server that is deleted ends as 404, and actions on it say so in their own words", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.server();
    await cloud.deleteServer(id);
    await kit.until("404", async () => (await session.nova("GET", `/servers/${id}`)).status === 404);
    expect(await cloud.server(id)).toBeUndefined();
    const { status, body } = await act(session, id, start);
    expect(status).toBe(404);
    expect(body.itemNotFound.message).toMatch(
      new RegExp(`^Instance ${id} (has no mapping to a cell|could not be found)`),
    );
  });
}
