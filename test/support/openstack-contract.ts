import { afterAll, beforeAll, describe } from "vitest";
import type { OpenStackCloud } from "./openstack-cloud.ts";
import { computeHostContract } from "./openstack-contract/compute-host.ts";
import { heatContract } from "./openstack-contract/heat.ts";
import { heatUpdateContract } from "./openstack-contract/heat-update.ts";
import { keystoneContract } from "./openstack-contract/keystone.ts";
import { ContractKit, type Pace, realPace } from "./openstack-contract/kit.ts";
import { magnumContract, magnumResizeContract } from "./openstack-contract/magnum.ts";
import { nodeGroupContract } from "./openstack-contract/node-group.ts";
import { novaActingContract } from "./openstack-contract/nova-acting.ts";
import { novaReadingContract } from "./openstack-contract/nova-reading.ts";
import { type AddTest, testsOf } from "./openstack-contract/tests.ts";
import { trafficContract } from "./openstack-contract/traffic.ts";
import { volumeContract } from "./openstack-contract/volume.ts";

/** Real time that one test may take where services really work. */
const testTimeoutMs = 600_000;

type SetUp = () => Promise<OpenStackCloud>;

/**
 * What the OpenStack provider relies on, in plain HTTP with the healer's account. Call it at the top level of a test
 * file. One cloud serves all tests, and one cluster all tests of Heat and Magnum: it is being built while the others run.
 */
export function openStackCloudContract(name: string, setUp: SetUp, pace: Pace = realPace): void {
  describeCloud(name, setUp, pace, (add, kit) => {
    // before there is a cluster: tokens that are revoked meanwhile would end its creation
    keystoneContract(add, kit);
    describe("servers, stacks and clusters", () => {
      beforeAll(() => void kit.cluster().catch(() => undefined));
      for (const contract of serverContracts) contract(add, kit);
      for (const contract of clusterContracts) contract(add, kit);
    });
  });
}

/** The same for a cloud whose compute hosts may die while the test runs. */
export function mortalHostsContract(name: string, setUp: SetUp, pace: Pace = realPace): void {
  describeCloud(name, setUp, pace, computeHostContract);
}

/** The same for what takes long: a cluster with a further node group. */
export function nodeGroupsContract(name: string, setUp: SetUp, pace: Pace = realPace): void {
  describeCloud(name, setUp, pace, nodeGroupContract);
}

type Contract = (add: AddTest, kit: ContractKit) => void;

const serverContracts: readonly Contract[] = [novaReadingContract, novaActingContract, volumeContract, trafficContract];
/** Those that change the cluster last. */
const clusterContracts: readonly Contract[] = [magnumContract, heatContract, magnumResizeContract, heatUpdateContract];

function describeCloud(name: string, setUp: SetUp, pace: Pace, contract: Contract): void {
  describe(`${name} answers as OpenStack does`, () => {
    const kit = new ContractKit(setUp, pace);
    afterAll(() => kit.close(), testTimeoutMs);
    contract(testsOf(kit, testTimeoutMs), kit);
  });
}
