import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { hostFolder } from "../../support/libvirt-host/packages.ts";
import { startProxy } from "../../support/libvirt-host/proxy.ts";
import { type LibvirtHost, socket, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { providerContract } from "../../support/provider-contract.ts";
import { makeProvider, nodeOf } from "./provider-rig.ts";

/** Procedures that change a machine: reboot, image away, create, destroy, reset, volumes made and deleted. */
const deeds = [27, 184, 196, 234, 245, 93, 94];

let host: LibvirtHost;

beforeAll(async () => {
  host = await startLibvirtHost({ guests: 1 });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

providerContract("libvirt (a real daemon and a real guest)", async () => {
  const [guest] = host.guests;
  if (guest === undefined) throw new Error("no guest");
  if ((await host.virsh("domstate", guest.name)) !== "running") await host.virsh("start", guest.name, "--force-boot");
  const proxy = await startProxy(join(hostFolder, "proxy.sock"), socket);
  const provider = await makeProvider({ uris: [proxy.uri] });
  return {
    provider,
    node: nodeOf(guest),
    stranger: { ...nodeOf(guest), name: "stranger", systemUUID: randomUUID() },
    clock: systemClock,
    power: async () => ((await host.virsh("domstate", guest.name)) === "shut off" ? "off" : "on"),
    acts: async () => proxy.calls.filter((procedure) => deeds.includes(procedure)).length,
    makeOwnerSilent: async () => proxy.behave("silent"),
    makeOwnerTalkNonsense: async () => proxy.behave("nonsense"),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
});
