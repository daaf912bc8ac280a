import { describe, expect, test } from "vitest";
import { makeOpenStack, never, nodeOf } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { observe, testMs, thrownBy, wait } from "./scene.ts";

/** Starting, with and without a cloud to talk to. */
export function describeBeginning(theCloud: CloudOf): void {
  describe("a start", () => {
    test("with a wrong password is refused, and says nothing of it", async () => {
      const password = "not-the-password";
      const error = await thrownBy(() => makeOpenStack(theCloud(), { section: { password } }));
      expect(error).toMatchObject({ remedy: "ask-operator" });
      expect(String(error)).not.toContain(password);
    });

    test("without a cloud takes place: what it can do follows from the configuration, and nothing is known", {
      timeout: testMs,
    }, async () => {
      const { id } = await theCloud().createServer("waiting");
      await theCloud().setServiceFault("keystone", "answers-503");
      try {
        const provider = await makeOpenStack(theCloud(), { section: { stack: "of-no-meaning" } });
        expect(provider.capabilities).toContain("replace");
        expect(await thrownBy(() => observe(provider, id))).toMatchObject({ remedy: "retry" });
        expect(await thrownBy(() => provider.identify(nodeOf(id), never))).toMatchObject({ remedy: "retry" });
        await theCloud().setServiceFault("keystone", undefined);
        await wait("the cloud is asked again", async () => (await observe(provider, id)).power === "on");
      } finally {
        await theCloud().setServiceFault("keystone", undefined);
      }
    });
  });
}
