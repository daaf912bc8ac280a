import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { serverNamedBy } from "../../../../plugins/providers/openstack/named-servers.ts";
import { readProviderId, toServerId } from "../../../../plugins/providers/openstack/server-id.ts";
import type { NodeIdentity } from "../../../../src/plugin-api/index.ts";
import { serverId } from "./nova-server.ts";

const other = "11111111-2222-4333-8444-555555555555";
const node = (fields: Partial<NodeIdentity>): NodeIdentity => ({
  ...{ name: "node-1", uid: "u", providerID: "", systemUUID: "", internalIP: undefined, machineAnnotation: undefined },
  ...fields,
});
const named = (fields: Partial<NodeIdentity>, region?: string) => serverNamedBy(node(fields), region);

describe("which server a Node says it is", () => {
  test.each([
    ["the annotation", { machineAnnotation: serverId }],
    ["the annotation in the form of a providerID", { machineAnnotation: `openstack:///${serverId}` }],
    ["spec.providerID", { providerID: `openstack:///${serverId}` }],
    ["spec.providerID with a region", { providerID: `openstack://RegionOne/${serverId}` }],
    ["the system UUID, in capitals", { systemUUID: serverId.toUpperCase() }],
    ["the system UUID, without dashes", { systemUUID: serverId.replaceAll("-", "") }],
    ["all of them", { machineAnnotation: serverId, providerID: `openstack:///${serverId}`, systemUUID: serverId }],
  ])("%s", (_about, fields) => {
    expect(named(fields, "RegionOne")).toBe(serverId);
  });

  test.each([
    ["nothing", {}],
    ["a system UUID that firmware makes up", { systemUUID: "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF" }],
    ["a system UUID that is none", { systemUUID: "Not Settable" }],
  ])("none, with %s", (_about, fields) => {
    expect(named(fields)).toBeUndefined();
  });

  test.each([
    [
      "annotation and providerID",
      { machineAnnotation: other, providerID: `openstack:///${serverId}` },
      ["annotation aceso.dev/machine", "spec.providerID"],
    ],
    [
      "providerID and system UUID",
      { providerID: `openstack:///${serverId}`, systemUUID: other },
      ["spec.providerID", "the system UUID"],
    ],
    [
      "annotation and system UUID",
      { machineAnnotation: serverId, systemUUID: other },
      ["annotation", "the system UUID"],
    ],
    ["another kind of cloud", { providerID: "aws:///eu-1a/i-123", systemUUID: serverId }, ["aws:///eu-1a/i-123"]],
    ["another region", { providerID: `openstack://RegionTwo/${serverId}` }, ["RegionTwo", "RegionOne"]],
    ["an annotation that is no id", { machineAnnotation: "node-1" }, ["annotation aceso.dev/machine"]],
  ])("a person is asked about %s, and both are named", (_about, fields, words) => {
    const error = errorOf(() => named(fields, "RegionOne"));
    expect(error).toMatchObject({ remedy: "ask-operator" });
    for (const word of words) expect(String(error)).toContain(word);
  });

  test("the order and the form of the sources change nothing: they agree or nothing is done", () => {
    const uuid = fc.constantFrom(serverId, other);
    const maybe = fc.option(uuid, { nil: undefined });
    fc.assert(
      fc.property(maybe, maybe, maybe, fc.boolean(), (annotation, provider, system, isUpper) => {
        const given = [annotation, provider, system].filter((id) => id !== undefined);
        const fields = {
          machineAnnotation: annotation,
          providerID: provider === undefined ? "" : `openstack:///${provider}`,
          systemUUID: (isUpper ? system?.toUpperCase() : system) ?? "",
        };
        if (new Set(given).size > 1) expect(errorOf(() => named(fields))).toMatchObject({ remedy: "ask-operator" });
        else expect(named(fields)).toBe(given[0]);
      }),
    );
  });
});

test("a server's id has one form, whatever form it comes in", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), fc.boolean(), (id, isUpper, isPlain) => {
      const shaped = isPlain ? id.replaceAll("-", "") : id;
      expect(toServerId(isUpper ? shaped.toUpperCase() : shaped)).toBe(id);
    }),
  );
});

test.each(["openstack:///", "openstack:///node-1", "kind://docker/k/k", "openstack:/x", serverId])(
  "%s is no providerID of a Nova server",
  (text) => {
    expect(readProviderId(text).kind).toBe("foreign");
  },
);

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
