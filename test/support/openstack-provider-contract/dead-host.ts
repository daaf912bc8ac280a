import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { actOn, becomes, changesSeen, makeOpenStack } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { observe, reads, testMs, thrownBy } from "./scene.ts";

/** In a cloud whose compute hosts may die. */
export function describeDeadHosts(theCloud: CloudOf): void {
  let id: string;
  /** What policy hides from the owner, an admin is shown. */
  const admin = (section = {}) => makeOpenStack({ account: theCloud().adminAccount }, { section });

  beforeEach(async () => {
    ({ id } = await theCloud().createServer("node-1"));
  }, testMs);

  afterEach(async () => {
    await theCloud().setComputeHost(id, "alive");
    if ((await theCloud().server(id)) !== undefined) await theCloud().deleteServer(id);
  }, testMs);

  describe("a compute host that died, as the owner sees it", () => {
    test(
      "a stop stays pending, is never off, and is carried out when the host returns",
      async () => {
        const provider = await makeOpenStack(theCloud());
        await theCloud().setComputeHost(id, "dead");
        await provider.powerOff?.(actOn(id));
        expect(await observe(provider, id)).toMatchObject({
          power: "changing",
          text: expect.stringContaining("until the host returns"),
        });
        await theCloud().setComputeHost(id, "alive");
        await reads(provider, id, "off");
      },
      testMs,
    );

    test(
      "a server that was deleted meanwhile is not off: nobody has destroyed the guest",
      async () => {
        const provider = await makeOpenStack(theCloud());
        await theCloud().setComputeHost(id, "dead");
        await theCloud().deleteServer(id);
        expect(await observe(provider, id)).toMatchObject({
          power: "unknown",
          text: expect.stringContaining("deleted while its compute host was down"),
        });
      },
      testMs,
    );
  });

  describe("a compute host that died, where policy shows it", () => {
    test(
      "its servers are unknown and nothing is sent to them",
      async () => {
        const provider = await admin();
        await theCloud().setComputeHost(id, "dead");
        const before = changesSeen(theCloud());
        expect(await observe(provider, id)).toMatchObject({
          power: "unknown",
          text: expect.stringContaining("host DOWN"),
        });
        expect(await thrownBy(() => provider.powerOff?.(actOn(id)))).toMatchObject({ remedy: "retry" });
        expect(changesSeen(theCloud())).toBe(before);
      },
      testMs,
    );

    test(
      "one that was stopped before is unknown as well",
      async () => {
        const provider = await admin();
        await theCloud().act(id, { "os-stop": null });
        await becomes(theCloud(), id, "SHUTOFF");
        await theCloud().setComputeHost(id, "dead");
        expect((await observe(provider, id)).power).toBe("unknown");
      },
      testMs,
    );
  });

  describe("a compute host that died, where its fencing is asserted", () => {
    test(
      "is forced down, its server is off by assertion, and comes up on another host",
      async () => {
        const provider = await admin({ "host-fencing": "asserted" });
        await theCloud().setComputeHost(id, "dead");
        await provider.powerOff?.(actOn(id));
        expect(await observe(provider, id)).toMatchObject({
          power: "off",
          text: expect.stringMatching(/^off by assertion: host .* is down and forced down/),
        });
        await provider.powerOn?.(actOn(id));
        const { text } = await reads(provider, id, "on");
        expect(text).not.toContain("compute host");
      },
      testMs,
    );

    test(
      "a host that reports is not forced down: its server is stopped as any other",
      async () => {
        const provider = await admin({ "host-fencing": "asserted" });
        await provider.powerOff?.(actOn(id));
        expect((await reads(provider, id, "off")).text).toBe(
          "status SHUTOFF, vm_state stopped, power state 4, no task",
        );
        expect(changesSeen(theCloud(), /os-services/)).toBe(0);
        await provider.powerOn?.(actOn(id));
        await reads(provider, id, "on");
      },
      testMs,
    );

    test(
      "without admin rights nothing is off, and Nova's record alone counts",
      async () => {
        const provider = await makeOpenStack(theCloud(), { section: { "host-fencing": "asserted" } });
        await theCloud().setComputeHost(id, "dead");
        await provider.powerOff?.(actOn(id));
        expect((await observe(provider, id)).power).toBe("changing");
      },
      testMs,
    );
  });
}
