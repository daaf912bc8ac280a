import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { HttpAnswer } from "../openstack-http.ts";
import { act, type ContractKit, hardReboot, rebuildOf, softReboot, start, stop } from "./kit.ts";
import type { AddTest } from "./tests.ts";

export function novaActingContract(add: AddTest, kit: ContractKit): void {
  add("stop and start are 202 without a body, and 409 when it is so already", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    const stopped = await act(session, id, stop);
    expect([stopped.status, stopped.text]).toEqual([202, ""]);
    expect(await kit.settled(session, id, "SHUTOFF")).toMatchObject({
      "OS-EXT-STS:vm_state": "stopped",
      "OS-EXT-STS:power_state": 4,
    });
    expect(await cloud.server(id)).toMatchObject({ status: "SHUTOFF", powerState: 4, taskState: null });
    expectConflict(await act(session, id, stop), `Cannot 'stop' instance ${id} while it is in vm_state stopped`);
    expectConflict(
      await act(session, id, softReboot),
      `Cannot 'reboot' instance ${id} while it is in vm_state stopped`,
    );
    expect((await act(session, id, start)).status).toBe(202);
    expect(await kit.settled(session, id, "ACTIVE")).toMatchObject({ "OS-EXT-STS:power_state": 1 });
    expectConflict(await act(session, id, start), `Cannot 'start' instance ${id} while it is in vm_state active`);
  });

  add("while a server is being switched off, its status is still ACTIVE and every other action is 409", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    await cloud.setFault(id, "power_off", { kind: "delay", seconds: 600 });
    expect((await act(session, id, stop)).status).toBe(202);
    const { server } = (await session.nova("GET", `/servers/${id}`)).body;
    expect([server.status, server["OS-EXT-STS:task_state"]]).toEqual(["ACTIVE", "powering-off"]);
    const busy = new RegExp(`^Cannot '\\w+' instance ${id} while it is in (task_state powering-off|vm_state active)$`);
    for (const action of [stop, start, softReboot, hardReboot, await rebuildOf(session, id)]) {
      expectConflict(await act(session, id, action), busy);
    }
    await cloud.setFault(id, "power_off", undefined);
    await kit.settled(session, id, "SHUTOFF");
  });

  add("reboots: SOFT and HARD end ACTIVE and booted once more; HARD also brings a stopped server up", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id, boots } = await kit.running();
    for (const [count, action] of [softReboot, hardReboot].entries()) {
      expect((await act(session, id, action)).status).toBe(202);
      await kit.settled(session, id, "ACTIVE");
      expect((await cloud.server(id))?.boots).toBe(boots + count + 1);
    }
    expect((await act(session, id, stop)).status).toBe(202);
    await kit.settled(session, id, "SHUTOFF");
    expect((await act(session, id, hardReboot)).status).toBe(202);
    await kit.settled(session, id, "ACTIVE");
    expect((await act(session, id, { reboot: { type: "NONSENSE" } })).status).toBe(400);
  });

  add("a rebuild keeps id and name, and a stopped server stopped", async () => {
    const session = await kit.session();
    const { id, name } = await kit.running();
    const rebuild = await rebuildOf(session, id);
    const accepted = await act(session, id, rebuild);
    expect([accepted.status, accepted.body.server.id, accepted.body.server.status]).toEqual([202, id, "REBUILD"]);
    expect(await kit.settled(session, id, "ACTIVE")).toMatchObject({ id, name });
    await act(session, id, stop);
    await kit.settled(session, id, "SHUTOFF");
    expect((await act(session, id, rebuild)).status).toBe(202);
    await kit.settled(session, id, "SHUTOFF");
  });

  add("a rebuild needs an image that exists", async () => {
    const session = await kit.session();
    const { id } = await kit.running();
    const unknown = await act(session, id, { rebuild: { imageRef: randomUUID() } });
    expect([unknown.status, unknown.body.badRequest.message]).toEqual([400, "Cannot find image for rebuild"]);
    expect((await act(session, id, { rebuild: {} })).status).toBe(400);
    expect((await act(session, id, { nonsense: null })).status).toBe(400);
  });

  add("a stop that fails leaves an ACTIVE server without a fault: only the instance action tells", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    await cloud.setFault(id, "power_off", { kind: "fail" });
    const requestId = (await act(session, id, stop)).headers.get("x-openstack-request-id");
    const action = await kit.until("the action's end", async () => {
      const { body } = await session.nova("GET", `/servers/${id}/os-instance-actions/${requestId}`);
      return body.instanceAction.message !== null && body.instanceAction;
    });
    expect([action.message, action.events[0].result]).toEqual(["Error", "Error"]);
    const server = await kit.settled(session, id, "ACTIVE");
    expect(server["OS-EXT-STS:power_state"]).toBe(1);
    expect(server).not.toHaveProperty("fault");
    await cloud.setFault(id, "power_off", undefined);
    // in ERROR, for whatever reason, the latest fault is shown, however old it is
    await cloud.act(id, { "os-resetState": { state: "error" } });
    expect((await kit.settled(session, id, "ERROR")).fault).toMatchObject({ code: 500, message: expect.any(String) });
  });

  add("a rebuild that fails ends in ERROR with a fault; another rebuild is the way out", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    const rebuild = await rebuildOf(session, id);
    await cloud.setFault(id, "spawn", { kind: "fail" });
    expect((await act(session, id, rebuild)).status).toBe(202);
    const { fault } = await kit.settled(session, id, "ERROR");
    expect(fault).toMatchObject({ code: 500, message: expect.stringMatching(/./), created: expect.any(String) });
    expect(fault).not.toHaveProperty("details");
    expectConflict(await act(session, id, start), `Cannot 'start' instance ${id} while it is in vm_state error`);
    await cloud.setFault(id, "spawn", undefined);
    expect((await act(session, id, rebuild)).status).toBe(202);
    expect(await kit.settled(session, id, "ACTIVE")).not.toHaveProperty("fault");
  });

  add("a server in ERROR can be stopped", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    await cloud.act(id, { "os-resetState": { state: "error" } });
    await kit.settled(session, id, "ERROR");
    expectConflict(await act(session, id, softReboot), `Cannot 'reboot' instance ${id} while it is in vm_state error`);
    expect((await act(session, id, stop)).status).toBe(202);
    await kit.settled(session, id, "SHUTOFF");
  });

  add("a locked server says so and refuses the healer everything", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.running();
    await cloud.act(id, { lock: { locked_reason: "hands off" } });
    const { server } = (await session.nova("GET", `/servers/${id}`)).body;
    expect([server.locked, server.locked_reason]).toEqual([true, "hands off"]);
    for (const action of [stop, start, softReboot, hardReboot, await rebuildOf(session, id)]) {
      expectConflict(await act(session, id, action), `Instance ${id} is locked`);
    }
    await cloud.act(id, { unlock: null });
    expect((await session.nova("GET", `/servers/${id}`)).body.server.locked).toBe(false);
  });
}

function expectConflict({ status, body }: HttpAnswer, message: string | RegExp): void {
  expect(status).toBe(409);
  expect(body.conflictingRequest.code).toBe(409);
  if (typeof message === "string") expect(body.conflictingRequest.message).toBe(message);
  else expect(body.conflictingRequest.message).toMatch(message);
}
