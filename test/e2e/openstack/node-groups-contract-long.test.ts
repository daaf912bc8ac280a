import { inject } from "vitest";
import { nodeGroupsContract } from "../../support/openstack-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

nodeGroupsContract("the real services", () => joinOpenStack(inject("openStack")));
