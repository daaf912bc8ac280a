import { inject } from "vitest";
import { openStackDeadHostContract } from "../../support/openstack-provider-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

openStackDeadHostContract("the real services", () => joinOpenStack(inject("openStack"), { zone: "risky-2" }));
