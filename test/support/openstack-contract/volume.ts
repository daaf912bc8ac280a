import { expect } from "vitest";
import type { CloudServer } from "../openstack-cloud.ts";
import type { HttpSession, Json } from "../openstack-http.ts";
import { act, type ContractKit } from "./kit.ts";
import type { AddTest } from "./tests.ts";

export function volumeContract(add: AddTest, kit: ContractKit): void {
  add("a server on a volume has no image: its volume tells, and is written anew from 2.93 on", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const server = await kit.onVolume();
    const { image, ...seen } = (await session.nova("GET", `/servers/${server.id}`)).body.server;
    expect([image, seen["os-extended-volumes:volumes_attached"]]).toEqual(["", [expect.any(Object)]]);
    const volume = await volumeOf(session, server);
    expect(volume).toMatchObject({ status: "in-use", volume_image_metadata: { image_id: expect.any(String) } });
    const rebuild = { rebuild: { imageRef: volume.volume_image_metadata.image_id } };
    for (const version of ["2.79", "2.93"]) {
      expect((await act(session, server.id, rebuild, version)).status).toBe(202);
      expect((await kit.settled(session, server.id, "ACTIVE")).image).toBe("");
      expect((await volumeOf(session, server)).status).toBe("in-use");
    }
    expect((await cloud.server(server.id))?.boots).toBe(server.boots + 2);
    expect((await act(session, server.id, { rebuild: { imageRef: "" } }, "2.93")).status).toBe(400);
  });

  add("a copy onto a volume that fails: ACTIVE, no fault, no end of the action, a volume in error", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    const server = await kit.onVolume();
    const image = (await volumeOf(session, server)).volume_image_metadata.image_id;
    const boots = (await cloud.server(server.id))?.boots;
    await cloud.setFault(server.id, "reimage", { kind: "fail" });
    const rebuild = { rebuild: { imageRef: image } };
    const requestId = (await act(session, server.id, rebuild, "2.93")).headers.get("x-openstack-request-id");
    await kit.until("the volume's error", async () => (await volumeOf(session, server)).status === "error");
    expect(await kit.settled(session, server.id, "ACTIVE")).not.toHaveProperty("fault");
    const { instanceAction } = (await session.nova("GET", `/servers/${server.id}/os-instance-actions/${requestId}`))
      .body;
    const main = instanceAction.events.find((event: Json) => event.event === "compute_rebuild_instance");
    expect([instanceAction.message, main.finish_time]).toEqual([null, null]);
    expect((await cloud.server(server.id))?.boots).toBe(boots);
    const again = await act(session, server.id, rebuild, "2.93");
    expect([again.status, again.body.badRequest.message]).toEqual([
      400,
      expect.stringMatching(/must be 'in-use'.*'error'/),
    ]);
  });
}

async function volumeOf(session: HttpSession, { id }: CloudServer): Promise<Json> {
  const { server } = (await session.nova("GET", `/servers/${id}`)).body;
  const [attached] = server["os-extended-volumes:volumes_attached"];
  return (await session.cinder("GET", `/volumes/${attached.id}`)).body.volume;
}
