import { beforeAll, describe, expect, test } from "vitest";
import { type Provider, ProviderError } from "../../../src/plugin-api/index.ts";
import { actOn, becomes, changesSeen, makeOpenStack } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { observe, reads, testMs, thrownBy, wait } from "./scene.ts";

/** Servers that somebody else put into a state, that break, or that are gone. */
export function describeTrouble(theCloud: CloudOf): void {
  describe("a server in trouble", () => {
    let provider: Provider;

    beforeAll(async () => {
      provider = await makeOpenStack(theCloud());
    });

    test("locked by somebody: nothing is sent, and a person is asked", { timeout: testMs }, async () => {
      const { id } = await theCloud().createServer("locked");
      await theCloud().act(id, { lock: null });
      const before = changesSeen(theCloud());
      for (const run of [provider.powerOff, provider.rebuild]) {
        expect(await thrownBy(() => run?.(actOn(id)))).toMatchObject({
          remedy: "ask-operator",
          message: expect.stringContaining("locked"),
        });
      }
      expect([changesSeen(theCloud()), (await observe(provider, id)).power]).toEqual([before, "on"]);
    });

    test("paused by somebody: never off, and its memory is left alone", { timeout: testMs }, async () => {
      const { id } = await theCloud().createServer("paused");
      await theCloud().act(id, { pause: null });
      await reads(provider, id, "unknown");
      expect(await thrownBy(() => provider.powerOff?.(actOn(id)))).toMatchObject({
        remedy: "ask-operator",
        message: expect.stringContaining("openstack server unpause"),
      });
    });

    test("a stop that fails is told by the cloud's own record of it, although the server shows no fault", {
      timeout: testMs,
    }, async () => {
      const { id } = await theCloud().createServer("stubborn");
      await theCloud().setFault(id, "power_off", { kind: "fail" });
      await provider.powerOff?.(actOn(id));
      const { failedAct } = await wait("the failure is told", async () => {
        const answer = await observe(provider, id);
        return answer.failedAct === undefined ? undefined : answer;
      });
      expect(failedAct).toMatch(/^Nova's stop failed \(Error.*req-/);
      expect((await observe(provider, id)).power).toBe("on");
      await theCloud().setFault(id, "power_off", undefined);
      await provider.powerOff?.(actOn(id));
      expect((await reads(provider, id, "off")).failedAct).toBeUndefined();
    });

    test("busy with a stop that takes long: changing, and nothing else is sent", { timeout: testMs }, async () => {
      const { id } = await theCloud().createServer("slow");
      await theCloud().setFault(id, "power_off", { kind: "delay", seconds: 3_600 });
      await provider.powerOff?.(actOn(id));
      await reads(provider, id, "changing");
      const before = changesSeen(theCloud());
      expect(await thrownBy(() => provider.powerOn?.(actOn(id)))).toMatchObject({ remedy: "retry" });
      expect(changesSeen(theCloud())).toBe(before);
      await theCloud().setFault(id, "power_off", undefined);
      await reads(provider, id, "off");
    });

    test("broken: not off, its fault is told, and a stop or a rebuild leads out", { timeout: testMs }, async () => {
      const { id } = await theCloud().createServer("broken");
      await theCloud().act(id, { "os-resetState": { state: "error" } });
      expect(await reads(provider, id, "unknown")).toMatchObject({ fault: expect.anything() });
      expect(await thrownBy(() => provider.powerOn?.(actOn(id)))).toMatchObject({ remedy: "give-up" });
      await provider.powerOff?.(actOn(id));
      await reads(provider, id, "off");
    });

    test("deleted by hand: gone counts as off, on the word of its compute host", { timeout: testMs }, async () => {
      const { id } = await theCloud().createServer("deleted");
      await theCloud().deleteServer(id);
      const { text } = await reads(provider, id, "off");
      expect(text).toMatch(/^gone: /);
      expect(await thrownBy(() => provider.powerOn?.(actOn(id)))).toMatchObject({ remedy: "re-read" });
    });

    test("one that this project never had is not gone", async () => {
      expect(await observe(provider, "11111111-2222-4333-8444-555555555555")).toMatchObject({ power: "unknown" });
    });

    test.each(["refuses", "answers-503", "talks-nonsense"] as const)(
      "while Nova %s nothing is off and nothing is known",
      { timeout: testMs },
      async (fault) => {
        const { id } = await theCloud().createServer("unseen");
        await observe(provider, id);
        await theCloud().act(id, { "os-stop": null });
        await becomes(theCloud(), id, "SHUTOFF");
        await theCloud().setServiceFault("nova", fault);
        try {
          const error = await thrownBy(() => observe(provider, id));
          expect(error).toBeInstanceOf(ProviderError);
          expect(error).toMatchObject({ remedy: "retry" });
        } finally {
          await theCloud().setServiceFault("nova", undefined);
        }
        await reads(provider, id, "off");
      },
    );

    test("a token that was revoked is replaced, and the act takes place once", { timeout: testMs }, async () => {
      const { id } = await theCloud().createServer("revoked");
      await observe(provider, id);
      await theCloud().revokeTokens();
      await provider.powerOff?.(actOn(id));
      await reads(provider, id, "off");
    });
  });
}
