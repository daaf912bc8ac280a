import { beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "../../../src/plugin-api/index.ts";
import type { CloudServer } from "../openstack-cloud.ts";
import { makeOpenStack, nameless, never, nodeOf } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { testMs, thrownBy } from "./scene.ts";

/** Whose machine it is. */
export function describeIdentity(theCloud: CloudOf): void {
  describe("which server a Node is", () => {
    let plain: Provider;
    let choosy: Provider;
    let ours: CloudServer;
    let foreign: CloudServer;

    beforeAll(async () => {
      plain = await makeOpenStack(theCloud());
      choosy = await makeOpenStack(theCloud(), { section: { machines: { cluster: "k8s" }, "match-by-name": true } });
      ours = await theCloud().createServer("ours.example", { metadata: { cluster: "k8s" } });
      foreign = await theCloud().createServer("foreign");
    }, testMs);

    test("by any of its names, in any form", async () => {
      const fields = [
        { ...nameless, providerID: `openstack:///${ours.id}` },
        { ...nameless, providerID: `openstack://${theCloud().account.region}/${ours.id}` },
        { ...nameless, systemUUID: ours.id.toUpperCase() },
        { ...nameless, machineAnnotation: ours.id },
      ];
      for (const one of fields) expect(await plain.identify(nodeOf(ours.id, one), never)).toBe(ours.id);
    });

    test("two names that disagree, and a server that is not there, ask a person", async () => {
      const torn = nodeOf(ours.id, { systemUUID: foreign.id });
      expect(await thrownBy(() => plain.identify(torn, never))).toMatchObject({
        remedy: "ask-operator",
        message: expect.stringMatching(new RegExp(`${ours.id}.*${foreign.id}`)),
      });
      const nowhere = nodeOf("11111111-2222-4333-8444-555555555555");
      expect(await thrownBy(() => plain.identify(nowhere, never))).toMatchObject({ remedy: "ask-operator" });
    });

    test("a server without the wanted metadata is somebody else's", async () => {
      expect(await choosy.identify(nodeOf(ours.id), never)).toBe(ours.id);
      expect(await thrownBy(() => choosy.identify(nodeOf(foreign.id), never))).toMatchObject({
        remedy: "ask-operator",
        message: expect.stringContaining("somebody else's"),
      });
    });

    test("its name counts only where that is switched on, and only when it is the only one", {
      timeout: testMs,
    }, async () => {
      const node = nodeOf(ours.id, { ...nameless, name: "ours.example" });
      expect(await plain.identify(node, never)).toBeUndefined();
      expect(await choosy.identify(node, never)).toBe(ours.id);
      expect(await choosy.identify({ ...node, name: "ours-example" }, never)).toBeUndefined();
      await theCloud().createServer("ours.example", { metadata: { cluster: "k8s" } });
      expect(await thrownBy(() => choosy.identify(node, never))).toMatchObject({
        remedy: "ask-operator",
        message: expect.stringContaining("both have its name"),
      });
    });
  });
}
