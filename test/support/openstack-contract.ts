import { afterAll, describe } from "vitest";
import type { OpenStackCloud } from "./openstack-cloud.ts";
import { keystoneContract } from "./openstack-contract/keystone.ts";
import { ContractKit, type Pace, realPace } from "./openstack-contract/kit.ts";
import { novaActingContract } from "./openstack-contract/nova-acting.ts";
import { novaReadingContract } from "./openstack-contract/nova-reading.ts";
import { testsOf } from "./openstack-contract/tests.ts";

/** Real time that one test may take where services really work. */
const testTimeoutMs = 300_000;

/**
 * What the OpenStack provider relies on, in plain HTTP with the healer's account. Call it at the top level of a test
 * file. One cloud serves all tests, and one cluster all tests of Heat and Magnum: it is being built while the others run.
 */
export function openStackCloudContract(
  name: string,
  setUp: () => Promise<OpenStackCloud>,
  pace: Pace = realPace,
): void {
  describe(`${name} answers as OpenStack does`, () => {
    const kit = new ContractKit(setUp, pace);
    const add = testsOf(kit, testTimeoutMs);
    afterAll(() => kit.close(), testTimeoutMs);
    keystoneContract(add, kit);
    novaReadingContract(add, kit);
    novaActingContract(add, kit);
  });
}
