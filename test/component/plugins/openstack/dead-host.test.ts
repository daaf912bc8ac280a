import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SimulatedCloud } from "../../../sim/openstack/cloud.ts";
import { actOn, becomes, changesSeen, makeOpenStack } from "../../../support/openstack-provider.ts";
import { observe, reads, thrownBy } from "../../../support/openstack-provider-contract/scene.ts";
import { simulatedCloud } from "./simulated.ts";

let cloud: SimulatedCloud;
let id: string;

beforeEach(async () => {
  cloud = await simulatedCloud();
  ({ id } = await cloud.createServer("node-1"));
});

afterEach(() => cloud[Symbol.asyncDispose]());

/** What policy hides from the owner, an admin is shown. */
const admin = (section = {}) => makeOpenStack({ account: cloud.adminAccount }, { section });

describe("a compute host that died, as the owner sees it", () => {
  test("a stop stays pending, is never off, and is carried out when the host returns", async () => {
    const provider = await makeOpenStack(cloud);
    await cloud.setComputeHost(id, "dead");
    await provider.powerOff?.(actOn(id));
    expect(await observe(provider, id)).toMatchObject({
      power: "changing",
      text: expect.stringContaining("until the host returns"),
    });
    await cloud.setComputeHost(id, "alive");
    await reads(provider, id, "off");
  });

  test("a server that was deleted meanwhile is not off: nobody has destroyed the guest", async () => {
    const provider = await makeOpenStack(cloud);
    await cloud.setComputeHost(id, "dead");
    await cloud.deleteServer(id);
    expect(await observe(provider, id)).toMatchObject({
      power: "unknown",
      text: expect.stringContaining("no compute host has said"),
    });
  });
});

describe("a compute host that died, where policy shows it", () => {
  test("its servers are unknown and nothing is sent to them", async () => {
    const provider = await admin();
    await cloud.setComputeHost(id, "dead");
    const before = changesSeen(cloud);
    expect(await observe(provider, id)).toMatchObject({ power: "unknown", text: expect.stringContaining("host DOWN") });
    expect(await thrownBy(() => provider.powerOff?.(actOn(id)))).toMatchObject({ remedy: "retry" });
    expect(changesSeen(cloud)).toBe(before);
  });

  test("one that was stopped before is unknown as well", async () => {
    const provider = await admin();
    await cloud.act(id, { "os-stop": null });
    await becomes(cloud, id, "SHUTOFF");
    await cloud.setComputeHost(id, "dead");
    expect((await observe(provider, id)).power).toBe("unknown");
  });
});

describe("a compute host that died, where its fencing is asserted", () => {
  test("is forced down, its server is off by assertion, and comes up on another host", async () => {
    const provider = await admin({ "host-fencing": "asserted" });
    await cloud.setComputeHost(id, "dead");
    await provider.powerOff?.(actOn(id));
    expect(await observe(provider, id)).toMatchObject({
      power: "off",
      text: expect.stringMatching(/^off by assertion: host .* is down and forced down/),
    });
    await provider.powerOn?.(actOn(id));
    const { text } = await reads(provider, id, "on");
    expect(text).not.toContain("compute host");
  });

  test("a host that reports is not forced down: its server is stopped as any other", async () => {
    const provider = await admin({ "host-fencing": "asserted" });
    await provider.powerOff?.(actOn(id));
    expect((await reads(provider, id, "off")).text).toBe("status SHUTOFF, vm_state stopped, power state 4, no task");
    expect(changesSeen(cloud, /os-services/)).toBe(0);
    await provider.powerOn?.(actOn(id));
    await reads(provider, id, "on");
  });

  test("without admin rights nothing is off, and Nova's record alone counts", async () => {
    const provider = await makeOpenStack(cloud, { section: { "host-fencing": "asserted" } });
    await cloud.setComputeHost(id, "dead");
    await provider.powerOff?.(actOn(id));
    expect((await observe(provider, id)).power).toBe("changing");
  });
});
