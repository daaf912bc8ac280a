import { openStackProviderContract } from "../../../support/openstack-provider-contract.ts";
import { simulatedCloud } from "./simulated.ts";

openStackProviderContract("the simulator", () => simulatedCloud());
