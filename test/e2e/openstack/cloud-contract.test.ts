import { inject } from "vitest";
import { openStackCloudContract } from "../../support/openstack-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

openStackCloudContract("the real services", () => joinOpenStack(inject("openStack")));
