import { inject } from "vitest";
import { openStackSessionContract } from "../../support/openstack-session-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

openStackSessionContract("the real OpenStack services", () => joinOpenStack(inject("openStack")));
