import { expect, test } from "vitest";
import { addMachine, never, simRig } from "./rig.ts";

test.each([
  [1, 1, "on", "running (booted)"],
  [2, 0, "on", "blocked"],
  [3, 1, "unknown", "paused (by a person)"],
  [3, 5, "unknown", "paused (I/O error)"],
  [4, 0, "changing", "shutting down"],
  [5, 2, "off", "shut off (destroyed)"],
  [5, 3, "off", "shut off (crashed)"],
  [6, 1, "unknown", "crashed"],
  [7, 0, "unknown", "suspended"],
  [0, 0, "unknown", "state 0"],
  [99, 1, "unknown", "state 99"],
])("state %i with reason %i reads %s: %s", async (state, reason, power, text) => {
  await using rig = await simRig();
  Object.assign(rig.domain, { state, reason });
  const answer = await rig.provider.observe(rig.machine, rig.node, never);
  expect(answer.power).toBe(power);
  expect(answer.text).toMatch(`${text} on qemu:///system?socket=`);
});

test("shut off with a saved image is not off: it can resume", async () => {
  await using rig = await simRig();
  Object.assign(rig.domain, { state: 5, reason: 5, hasSavedImage: true });
  const answer = await rig.provider.observe(rig.machine, rig.node, never);
  expect([answer.power, answer.text]).toEqual([
    "unknown",
    expect.stringContaining("shut off (saved) with a saved image on"),
  ]);
});

test("a domain that nobody knows is not off", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  rig.daemons[0]!.hypervisor.domains.clear();
  expect(await rig.provider.observe(rig.machine, rig.node, never)).toEqual({
    power: "unknown",
    text: "no configured hypervisor knows the domain",
  });
});

test("off on one hypervisor counts for nothing while it runs on another: it was migrated", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  Object.assign(rig.domain, { state: 5, reason: 4 });
  addMachine(rig.daemons[1]!.hypervisor, "node-0", rig.machine);
  const answer = await rig.provider.observe(rig.machine, rig.node, never);
  expect(answer.power).toBe("on");
  expect(answer.text).toMatch(/shut off \(migrated\) on .*; running \(booted\) on |running .*; shut off \(migrated\)/);
});

test("off where it is known is unknown while another hypervisor does not answer, and off again when it does", async () => {
  await using rig = await simRig({ hypervisors: 3 });
  Object.assign(rig.domain, { state: 5, reason: 2 });
  const read = async (signal = never) => (await rig.provider.observe(rig.machine, rig.node, signal)).power;
  expect(await read()).toBe("off");
  const silent = rig.daemons[2]!;
  silent.before = (procedure) => (procedure === 24 ? "lost" : undefined);
  const answer = await rig.provider.observe(rig.machine, rig.node, never);
  expect([answer.power, answer.text]).toEqual(["unknown", expect.stringMatching(/no answer from .*host-2.*closed by/)]);
  silent.before = () => undefined;
  expect(await read()).toBe("off");
});

test("running on one hypervisor is on, whoever else does not answer", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  rig.daemons[1]!.before = () => "lost";
  expect((await rig.provider.observe(rig.machine, rig.node, never)).power).toBe("on");
});

test("a survey reads all machines at once, and none off while a hypervisor is silent", async () => {
  await using rig = await simRig({ hypervisors: 2, section: { machines: ["node-*"] } });
  const other = "6c696276-6972-4000-8000-00000000000a";
  addMachine(rig.daemons[1]!.hypervisor, "node-10", other);
  addMachine(rig.daemons[1]!.hypervisor, "database", "6c696276-6972-4000-8000-00000000000b");
  Object.assign(rig.domain, { state: 5, reason: 1 });
  const powers = async () =>
    Object.fromEntries([...((await rig.provider.survey?.(never)) ?? [])].map(([machine, it]) => [machine, it.power]));
  expect(await powers()).toEqual({ [rig.machine]: "off", [other]: "on" });
  rig.daemons[1]!.before = () => "lost";
  expect(await powers()).toEqual({ [rig.machine]: "unknown" });
});
