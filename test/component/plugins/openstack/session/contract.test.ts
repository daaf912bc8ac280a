import { systemClock } from "../../../../../src/app/clock.ts";
import { startSimulatedCloud } from "../../../../sim/openstack/start.ts";
import { openStackSessionContract } from "../../../../support/openstack-session-contract.ts";

openStackSessionContract("the simulated OpenStack", () => startSimulatedCloud({ clock: systemClock }));
