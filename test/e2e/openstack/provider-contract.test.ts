import { inject } from "vitest";
import { openStackProviderContract } from "../../support/openstack-provider-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

openStackProviderContract("the real services", () => joinOpenStack(inject("openStack")));
