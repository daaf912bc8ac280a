import { startSimulatedCloud } from "../../sim/openstack/start.ts";
import { virtualPace } from "../../support/openstack-contract/virtual-pace.ts";
import { openStackCloudContract } from "../../support/openstack-contract.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const clock = new VirtualClock();
openStackCloudContract("the simulated cloud", () => startSimulatedCloud({ clock }), virtualPace(clock));
