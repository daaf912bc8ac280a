import { expect, test } from "vitest";
import type { NodeIdentity } from "../../../../src/plugin-api/index.ts";
import { addMachine, never, type SimRig, simRig } from "./rig.ts";

const straight = "12345678-9abc-def0-8000-0123456789ab";
const swapped = "78563412-bc9a-f0de-8000-0123456789ab";

async function identified(rig: SimRig, fields: Partial<NodeIdentity>): Promise<string | undefined> {
  const nobody = { ...rig.node, name: "some-node", systemUUID: "", providerID: "" };
  return await rig.provider.identify({ ...nobody, ...fields }, never);
}

test("by system UUID in either byte order, in any case, with dashes or without", async () => {
  await using rig = await simRig();
  addMachine(rig.daemons[0]!.hypervisor, "node-1", straight);
  for (const systemUUID of [straight, swapped, straight.toUpperCase(), straight.replaceAll("-", "")]) {
    expect(await identified(rig, { systemUUID })).toBe(straight);
  }
  expect(await identified(rig, { systemUUID: "not a UUID" })).toBeUndefined();
});

test("two domains that fit one system UUID in the two byte orders are refused", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  addMachine(rig.daemons[0]!.hypervisor, "node-1", straight);
  addMachine(rig.daemons[1]!.hypervisor, "node-2", swapped);
  await expect(identified(rig, { systemUUID: straight })).rejects.toMatchObject({
    remedy: "ask-operator",
    message: expect.stringMatching(/node-1 \(1234.*\) and node-2|node-2 .* and node-1/),
  });
});

test("by a provider id; one that names another machine than the system UUID is refused", async () => {
  await using rig = await simRig();
  addMachine(rig.daemons[0]!.hypervisor, "node-1", straight);
  expect(await identified(rig, { providerID: `libvirt://host/${straight}` })).toBe(straight);
  expect(await identified(rig, { providerID: `libvirt:///${straight}`, systemUUID: straight })).toBe(straight);
  expect(await identified(rig, { providerID: `openstack:///${straight}` })).toBeUndefined();
  const torn = { providerID: `libvirt:///${straight}`, systemUUID: rig.machine };
  await expect(identified(rig, torn)).rejects.toThrow("say which with the annotation aceso.dev/machine");
});

test("a person's annotation comes first, as UUID or name; one that leads nowhere is an error", async () => {
  await using rig = await simRig();
  addMachine(rig.daemons[0]!.hypervisor, "node-1", straight);
  const systemUUID = rig.machine;
  expect(await identified(rig, { machineAnnotation: "node-1", systemUUID })).toBe(straight);
  expect(await identified(rig, { machineAnnotation: straight, systemUUID })).toBe(straight);
  await expect(identified(rig, { machineAnnotation: "node-9", systemUUID })).rejects.toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("names node-9, which no hypervisor knows"),
  });
});

test("by name only where that is switched on, and not where two hypervisors have different domains of that name", async () => {
  await using strict = await simRig();
  expect(await identified(strict, { name: "node-0" })).toBeUndefined();
  await using rig = await simRig({ hypervisors: 2, section: { "match-by-name": true } });
  expect(await identified(rig, { name: "node-0" })).toBe(rig.machine);
  addMachine(rig.daemons[1]!.hypervisor, "node-0", straight);
  await expect(identified(rig, { name: "node-0" })).rejects.toMatchObject({ remedy: "ask-operator" });
});

test("the same domain on two hypervisors, left behind by a migration, is one machine", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  addMachine(rig.daemons[1]!.hypervisor, "node-0", rig.machine).state = 5;
  expect(await identified(rig, { systemUUID: rig.machine })).toBe(rig.machine);
});

test("a hypervisor that does not answer may have a second one: nothing is decided", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  rig.daemons[1]!.before = () => "lost";
  await expect(identified(rig, { systemUUID: rig.machine })).rejects.toMatchObject({ remedy: "retry" });
});

test("a domain outside libvirt.machines is neither identified nor touched", async () => {
  await using rig = await simRig({ section: { machines: ["k8s-*", "node-1"] } });
  const problem = {
    remedy: "ask-operator",
    message: expect.stringContaining("domain node-0 is none of libvirt.machines"),
  };
  await expect(identified(rig, { systemUUID: rig.machine })).rejects.toMatchObject(problem);
  await expect(rig.provider.powerOff?.(rig.act())).rejects.toMatchObject(problem);
  await expect(rig.provider.observe(rig.machine, rig.node, never)).rejects.toMatchObject(problem);
  expect(rig.daemons[0]!.hypervisor.deeds).toEqual([]);
});
