import { afterEach, beforeEach, expect, test } from "vitest";
import type { Provider } from "../../../../src/plugin-api/index.ts";
import type { SimulatedCloud } from "../../../sim/openstack/cloud.ts";
import { actOn, changesSeen, makeOpenStack } from "../../../support/openstack-provider.ts";
import { reads, thrownBy } from "../../../support/openstack-provider-contract/scene.ts";
import { simulatedCloud } from "./simulated.ts";

let cloud: SimulatedCloud;
let provider: Provider;
let id: string;

beforeEach(async () => {
  cloud = await simulatedCloud();
  ({ id } = await cloud.createServer("node-1"));
  provider = await makeOpenStack({ account: cloud.adminAccount }, { section: { "host-fencing": "asserted" } });
  await cloud.setComputeHost(id, "dead");
});

afterEach(() => cloud[Symbol.asyncDispose]());

test("a host that came back while it was asked whether it may is not forced down", async () => {
  let isBack = false;
  const mayAct = async () => {
    if (!isBack) await cloud.setComputeHost(id, "alive");
    isBack = true;
  };
  await provider.powerOff?.(actOn(id, { mayAct }));
  expect(isBack).toBe(true);
  expect(changesSeen(cloud, /os-services/)).toBe(0);
  await reads(provider, id, "off");
});

test("a server that is being evacuated is not evacuated once more", async () => {
  await provider.powerOff?.(actOn(id));
  const before = changesSeen(cloud, /action$/);
  await provider.powerOn?.(actOn(id));
  expect(await thrownBy(() => provider.powerOn?.(actOn(id)))).toMatchObject({ remedy: "retry" });
  expect(changesSeen(cloud, /action$/)).toBe(before + 1);
  await reads(provider, id, "on");
});
