import { openStackDeadHostContract } from "../../../support/openstack-provider-contract.ts";
import { simulatedCloud } from "./simulated.ts";

openStackDeadHostContract("the simulator", () => simulatedCloud());
