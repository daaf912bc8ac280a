import { randomUUID } from "node:crypto";
import { systemClock } from "../../../../src/app/clock.ts";
import { type ProviderRig, providerContract } from "../../../support/provider-contract.ts";
import { rebuildSection, simRig } from "./rig.ts";

async function contractRig(hypervisors: number): Promise<ProviderRig> {
  const rig = await simRig({ hypervisors, section: rebuildSection });
  const setManner = async (manner: "deaf" | "babbling") => {
    for (const daemon of rig.daemons) daemon.manner = manner;
  };
  return {
    provider: rig.provider,
    node: rig.node,
    stranger: { ...rig.node, name: "stranger", systemUUID: randomUUID() },
    clock: systemClock,
    power: async () => (rig.domain.state === 5 ? "off" : "on"),
    acts: async () => rig.daemons.flatMap(({ hypervisor }) => hypervisor.deeds).length,
    makeOwnerSilent: () => setManner("deaf"),
    makeOwnerTalkNonsense: () => setManner("babbling"),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

providerContract("libvirt (one hypervisor)", () => contractRig(1));
providerContract("libvirt (three hypervisors)", () => contractRig(3));
