import { startSimulatedCloud } from "../../sim/openstack/start.ts";
import { virtualPace } from "../../support/openstack-contract/virtual-pace.ts";
import { mortalHostsContract, nodeGroupsContract, openStackCloudContract } from "../../support/openstack-contract.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const clock = new VirtualClock();
const pace = virtualPace(clock);

openStackCloudContract("the simulated cloud", () => startSimulatedCloud({ clock }), pace);
mortalHostsContract(
  "the simulated cloud with mortal hosts",
  () => startSimulatedCloud({ clock, seed: "mortal" }),
  pace,
);
nodeGroupsContract("the simulated cloud with node groups", () => startSimulatedCloud({ clock }), pace);
