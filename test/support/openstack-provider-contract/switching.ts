import { beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "../../../src/plugin-api/index.ts";
import type { CloudServer } from "../openstack-cloud.ts";
import { actOn, becomes, changesSeen, makeOpenStack } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { observe, reads, testMs, thrownBy } from "./scene.ts";

/** Power and disk of one server, Nova alone. */
export function describeSwitching(theCloud: CloudOf): void {
  describe("a server of Nova alone", () => {
    let provider: Provider;
    let server: CloudServer;
    const boots = async () => (await theCloud().server(server.id))?.boots ?? 0;

    beforeAll(async () => {
      provider = await makeOpenStack(theCloud());
      server = await theCloud().createServer("switched");
    });

    test("can be switched, rebooted and rebuilt, and is not replaced", () => {
      expect(provider.capabilities).not.toContain("replace");
      expect(provider.defaultLadder("worker")).toEqual(["power-cycle", "rebuild"]);
    });

    test("is off only when Nova says stopped and off, with its words as evidence", { timeout: testMs }, async () => {
      await provider.powerOff?.(actOn(server.id));
      const { text } = await reads(provider, server.id, "off");
      expect(text).toBe("status SHUTOFF, vm_state stopped, power state 4, no task");
      await becomes(theCloud(), server.id, "SHUTOFF");
    });

    test("rebuilt while it is off stays off, and boots from its new disk when it is switched on", {
      timeout: testMs,
    }, async () => {
      await provider.rebuild?.(actOn(server.id));
      await reads(provider, server.id, "off");
      const before = await boots();
      await provider.powerOn?.(actOn(server.id));
      await reads(provider, server.id, "on");
      expect(await boots()).toBe(before + 1);
    });

    test.each(["soft", "hard"] as const)(
      "boots once when it is rebooted (%s), also when the same act is asked for twice",
      { timeout: testMs },
      async (kind) => {
        const before = await boots();
        const act = actOn(server.id);
        await provider.reboot?.(act, kind);
        await reads(provider, server.id, "on");
        await provider.reboot?.(act, kind);
        await reads(provider, server.id, "on");
        expect(await boots()).toBe(before + 1);
      },
    );

    test("a server that boots from a volume gets that volume written anew", { timeout: testMs }, async () => {
      const fromVolume = await theCloud().createServer("from-volume", { fromVolume: true });
      await provider.powerOff?.(actOn(fromVolume.id));
      await reads(provider, fromVolume.id, "off");
      await provider.rebuild?.(actOn(fromVolume.id));
      expect((await reads(provider, fromVolume.id, "off")).failedAct).toBeUndefined();
      await provider.powerOn?.(actOn(fromVolume.id));
      await reads(provider, fromVolume.id, "on");

      await theCloud().setFault(fromVolume.id, "reimage", { kind: "fail" });
      await provider.rebuild?.(actOn(fromVolume.id));
      const { failedAct } = await reads(provider, fromVolume.id, "on");
      expect(failedAct).toMatch(/^rebuild left boot volume .* in status error/);
      expect(await thrownBy(() => provider.rebuild?.(actOn(fromVolume.id)))).toMatchObject({ remedy: "give-up" });
    });

    test("an act whose answer is lost is reported as unknown, and was sent once", { timeout: testMs }, async () => {
      const before = changesSeen(theCloud(), /action/);
      theCloud().loseNextAnswer("nova", "POST", /\/action$/);
      expect(await thrownBy(() => provider.powerOff?.(actOn(server.id)))).toMatchObject({ remedy: "re-read" });
      await reads(provider, server.id, "off");
      await provider.powerOff?.(actOn(server.id));
      expect(changesSeen(theCloud(), /action/)).toBe(before + 1);
      await provider.powerOn?.(actOn(server.id));
      await reads(provider, server.id, "on");
    });

    test("a survey says of every server what observing it says", { timeout: testMs }, async () => {
      const survey = await provider.survey?.(new AbortController().signal);
      expect(survey?.get(server.id)).toEqual(await observe(provider, server.id));
    });
  });
}
