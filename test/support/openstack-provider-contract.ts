import { afterAll, beforeAll, describe } from "vitest";
import type { OpenStackCloud } from "./openstack-cloud.ts";
import { describeBeginning } from "./openstack-provider-contract/beginning.ts";
import { describeCluster } from "./openstack-provider-contract/cluster.ts";
import { describeDeadHosts } from "./openstack-provider-contract/dead-host.ts";
import { describeIdentity } from "./openstack-provider-contract/identity.ts";
import { describeReplacing } from "./openstack-provider-contract/replacing.ts";
import { describeSwitching } from "./openstack-provider-contract/switching.ts";
import { describeTrouble } from "./openstack-provider-contract/trouble.ts";

/** Hands the tests their cloud, once it is there. */
export type CloudOf = () => OpenStackCloud;

/**
 * What the provider openstack does to a cloud, simulated or real: the same file, the same results. Call it at the top
 * level of a test file; the cloud is made once and shared.
 *
 * @param options.playsRepeats false where a replacement takes a minute and other files play it on the same cloud
 */
export function openStackProviderContract(
  name: string,
  setUp: () => Promise<OpenStackCloud>,
  { playsRepeats = true } = {},
): void {
  describeProvider(name, setUp, (theCloud) => {
    describeSwitching(theCloud);
    describeTrouble(theCloud);
    describeIdentity(theCloud);
    describeCluster(theCloud);
    describeReplacing(theCloud, playsRepeats);
    // Last: Keystone is away for a while.
    describeBeginning(theCloud);
  });
}

/** The same for a cloud whose compute hosts may die while the tests run. */
export function openStackDeadHostContract(name: string, setUp: () => Promise<OpenStackCloud>): void {
  describeProvider(name, setUp, describeDeadHosts);
}

function describeProvider(name: string, setUp: () => Promise<OpenStackCloud>, contract: (theCloud: CloudOf) => void) {
  describe(`the provider openstack against ${name}`, () => {
    let cloud: OpenStackCloud;
    beforeAll(async () => {
      cloud = await setUp();
    });
    afterAll(() => cloud?.[Symbol.asyncDispose]());
    contract(() => cloud);
  });
}
