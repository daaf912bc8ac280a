import { inject } from "vitest";
import { mortalHostsContract } from "../../support/openstack-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

mortalHostsContract("the real services", () => joinOpenStack(inject("openStack"), { zone: "risky-1" }));
