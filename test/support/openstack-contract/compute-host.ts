import { expect } from "vitest";
import { act, type ContractKit, hardReboot, stop } from "./kit.ts";
import type { AddTest } from "./tests.ts";

/** In a cloud whose compute hosts may die. */
export function computeHostContract(add: AddTest, kit: ContractKit): void {
  add("on a dead compute host a server looks alive, and a stop waits for the host's return", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.server();
    await cloud.setComputeHost(id, "dead");
    const before = (await session.nova("GET", `/servers/${id}`)).body.server;
    expect([before.status, before["OS-EXT-STS:power_state"]]).toEqual(["ACTIVE", 1]);
    expect((await act(session, id, stop)).status).toBe(202);
    await kit.pace.clock.sleep(3_000);
    const pending = (await session.nova("GET", `/servers/${id}`)).body.server;
    expect([pending.status, pending["OS-EXT-STS:task_state"]]).toEqual(["ACTIVE", "powering-off"]);
    expect((await act(session, id, stop)).status).toBe(409);
    expect((await act(session, id, hardReboot)).status).toBe(409);
    await cloud.setComputeHost(id, "alive");
    await kit.settled(session, id, "SHUTOFF");
  });

  add("a server is evacuated from a dead host and stays where it went", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const { id } = await kit.server();
    const { hostId } = (await session.nova("GET", `/servers/${id}`)).body.server;
    await expect(cloud.act(id, { evacuate: {} })).rejects.toThrow("is still in use");
    await cloud.setComputeHost(id, "dead");
    await cloud.act(id, { evacuate: {} });
    const moved = await kit.until("another host", async () => {
      const server = await kit.settled(session, id, "ACTIVE");
      return server.hostId !== hostId && server;
    });
    expect(moved["OS-EXT-STS:power_state"]).toBe(1);
    await cloud.setComputeHost(id, "alive");
    expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE", boots: 2 });
  });
}
