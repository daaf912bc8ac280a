import { inject } from "vitest";
import { isFullRun } from "../../support/full-run.ts";
import { openStackProviderContract } from "../../support/openstack-provider-contract.ts";
import { joinOpenStack } from "./cloud/real-cloud.ts";

// replacements of a worker, a master, and with a lost answer: magnum-cluster.test.ts has them with a leader that dies
openStackProviderContract("the real services", () => joinOpenStack(inject("openStack")), { playsRepeats: isFullRun });
