import { expect, test } from "vitest";
import { Refusal } from "../../../sim/libvirt/hypervisor.ts";
import { addMachine, never, simRig } from "./rig.ts";

test("power-off destroys a domain in any state, and removes its saved image before it counts as off", async () => {
  for (const state of [1, 3, 6, 7]) {
    await using rig = await simRig();
    Object.assign(rig.domain, { state, hasSavedImage: true });
    await rig.provider.powerOff?.(rig.act());
    expect(rig.daemons[0]!.hypervisor.deeds).toEqual(["destroy node-0", "forget the image of node-0"]);
    expect((await rig.provider.observe(rig.machine, rig.node, never)).power).toBe("off");
  }
});

test("power-off of a saved machine asks before it throws the image away", async () => {
  await using rig = await simRig();
  Object.assign(rig.domain, { state: 5, reason: 5, hasSavedImage: true });
  const no = new Error("paused");
  await expect(rig.provider.powerOff?.(rig.act({ mayAct: () => Promise.reject(no) }))).rejects.toBe(no);
  expect(rig.domain.hasSavedImage).toBe(true);
});

test("a transient domain is not switched off: it would be gone", async () => {
  await using rig = await simRig();
  rig.domain.isPersistent = false;
  await expect(rig.provider.powerOff?.(rig.act())).rejects.toMatchObject({
    remedy: "give-up",
    message: expect.stringContaining("node-0 is transient: switched off it would be gone"),
  });
  await rig.provider.reboot?.(rig.act(), "hard");
  expect(rig.daemons[0]!.hypervisor.deeds).toEqual(["reset node-0"]);
});

test("power-off destroys it wherever it runs, and is not done while a hypervisor is silent", async () => {
  await using rig = await simRig({ hypervisors: 3 });
  const other = addMachine(rig.daemons[1]!.hypervisor, "node-0", rig.machine);
  rig.daemons[2]!.before = () => "lost";
  await expect(rig.provider.powerOff?.(rig.act())).rejects.toMatchObject({ remedy: "retry" });
  expect([rig.domain.state, other.state]).toEqual([5, 5]);
});

test("a machine that stops by itself during the destroy is off all the same", async () => {
  await using rig = await simRig();
  const daemon = rig.daemons[0]!;
  daemon.before = (procedure) => {
    if (procedure === 234 && rig.domain.state !== 5) daemon.hypervisor.stop(rig.domain, 1);
    return undefined;
  };
  await rig.provider.powerOff?.(rig.act());
  expect(rig.domain.state).toBe(5);
});

test("a destroy that libvirt reports as done but that left the machine running is an unknown outcome", async () => {
  await using rig = await simRig();
  rig.daemons[0]!.after = (procedure) => {
    if (procedure === 234) rig.domain.state = 1;
    return undefined;
  };
  await expect(rig.provider.powerOff?.(rig.act())).rejects.toMatchObject({
    remedy: "re-read",
    message: expect.stringContaining("where shut off was expected"),
  });
});

test("a daemon that dies in mid-destroy leaves an unknown outcome; asked again the machine is off", async () => {
  await using rig = await simRig();
  const daemon = rig.daemons[0]!;
  daemon.after = (procedure) => (procedure === 234 ? "lost" : undefined);
  await expect(rig.provider.powerOff?.(rig.act())).rejects.toMatchObject({ remedy: "re-read" });
  daemon.after = () => undefined;
  expect((await rig.provider.observe(rig.machine, rig.node, never)).power).toBe("off");
  await rig.provider.powerOff?.(rig.act());
  expect(daemon.hypervisor.deeds).toEqual(["destroy node-0"]);
});

test("power-on boots anew and never resumes a saved image", async () => {
  await using rig = await simRig();
  Object.assign(rig.domain, { state: 5, reason: 5, hasSavedImage: true });
  await rig.provider.powerOn?.(rig.act());
  expect([rig.domain.state, rig.domain.reason]).toEqual([1, 1]);
});

test("power-on does nothing while a hypervisor is silent: the machine may run there", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  rig.domain.state = 5;
  rig.daemons[1]!.before = () => "lost";
  await expect(rig.provider.powerOn?.(rig.act())).rejects.toMatchObject({
    remedy: "retry",
    message: expect.stringContaining("the machine may run there"),
  });
  expect(rig.domain.state).toBe(5);
});

test("power-on starts it where it ran last, else where it did not leave from, else nowhere", async () => {
  await using rig = await simRig({ hypervisors: 2 });
  const moved = addMachine(rig.daemons[1]!.hypervisor, "node-0", rig.machine);
  Object.assign(rig.domain, { state: 5, reason: 4 });
  await rig.provider.powerOff?.(rig.act());
  // both read plain "shut off" by now, as after a restart of the daemons
  for (const domain of [rig.domain, moved]) Object.assign(domain, { state: 5, reason: 0 });
  await rig.provider.powerOn?.(rig.act());
  expect([rig.domain.state, moved.state]).toEqual([5, 1]);

  await using fresh = await simRig({ hypervisors: 2 });
  const twin = addMachine(fresh.daemons[1]!.hypervisor, "node-0", fresh.machine);
  Object.assign(fresh.domain, { state: 5, reason: 2 });
  Object.assign(twin, { state: 5, reason: 2 });
  await expect(fresh.provider.powerOn?.(fresh.act())).rejects.toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("is known to more than one hypervisor"),
  });
  Object.assign(twin, { reason: 4 });
  await fresh.provider.powerOn?.(fresh.act());
  expect([fresh.domain.state, twin.state]).toEqual([1, 5]);
});

test("power-on of a paused machine is refused: it must be off first", async () => {
  await using rig = await simRig();
  Object.assign(rig.domain, { state: 3, reason: 1 });
  await expect(rig.provider.powerOn?.(rig.act())).rejects.toMatchObject({ remedy: "give-up" });
});

test("a missing root disk or base image stops the start with libvirt's words, for a person", async () => {
  await using rig = await simRig();
  rig.domain.state = 5;
  rig.daemons[0]!.hypervisor.volumes.delete("/images/base.qcow2");
  await expect(rig.provider.powerOn?.(rig.act())).rejects.toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("inaccessible backing store volume /images/base.qcow2 (libvirt error 38/18)"),
  });
});

test("soft reboot presses the power button; hard reboot presses reset", async () => {
  await using rig = await simRig();
  await rig.provider.reboot?.(rig.act(), "soft");
  await rig.provider.reboot?.(rig.act(), "hard");
  expect(rig.daemons[0]!.hypervisor.deeds).toEqual(["reboot node-0", "reset node-0"]);
});

test("hard reboot of what does not come back from a reset: destroyed and started, asked before each", async () => {
  await using rig = await simRig();
  const { hypervisor } = rig.daemons[0]!;
  rig.domain.guest = "off-at-reset";
  let asked = 0;
  const mayAct = async () => {
    asked += 1;
  };
  await rig.provider.reboot?.(rig.act({ mayAct }), "hard");
  expect([hypervisor.deeds, asked]).toEqual([["reset node-0", "create node-0 8"], 2]);
  Object.assign(rig.domain, { state: 3, reason: 1 });
  await rig.provider.reboot?.(rig.act(), "hard");
  expect(hypervisor.deeds.slice(2)).toEqual(["reset node-0", "destroy node-0", "create node-0 8"]);
});

test("hard reboot of a QEMU that hangs: the reset never answers, and after 5 s it is destroyed and started", async () => {
  await using rig = await simRig();
  rig.domain.guest = "hung";
  await rig.provider.reboot?.(rig.act(), "hard");
  expect(rig.daemons[0]!.hypervisor.deeds).toEqual(["reset node-0", "destroy node-0", "create node-0 8"]);
});

test("hard reboot of a domain that another job holds goes the same way", async () => {
  await using rig = await simRig();
  rig.daemons[0]!.before = (procedure) => {
    if (procedure === 245) throw new Refusal(68, 0, "Timed out during operation: cannot acquire state change lock");
    return undefined;
  };
  await rig.provider.reboot?.(rig.act(), "hard");
  expect(rig.daemons[0]!.hypervisor.deeds).toEqual(["destroy node-0", "create node-0 8"]);
});

test("a reboot asked for twice with one id happens once; one whose end is unknown is not repeated", async () => {
  await using rig = await simRig();
  const daemon = rig.daemons[0]!;
  const act = rig.act();
  await rig.provider.reboot?.(act, "hard");
  await rig.provider.reboot?.(act, "hard");
  expect(daemon.hypervisor.deeds).toEqual(["reset node-0"]);
  daemon.after = (procedure) => (procedure === 27 ? "lost" : undefined);
  const lost = rig.act();
  await expect(rig.provider.reboot?.(lost, "soft")).rejects.toMatchObject({ remedy: "re-read" });
  daemon.after = () => undefined;
  await expect(rig.provider.reboot?.(lost, "soft")).rejects.toMatchObject({ remedy: "re-read" });
  expect(daemon.hypervisor.deeds).toEqual(["reset node-0", "reboot node-0"]);
});

test("a machine that is off is not rebooted", async () => {
  await using rig = await simRig();
  rig.domain.state = 5;
  for (const kind of ["soft", "hard"] as const) {
    await expect(rig.provider.reboot?.(rig.act(), kind)).rejects.toMatchObject({ remedy: "re-read" });
  }
  expect(rig.daemons[0]!.hypervisor.deeds).toEqual([]);
});

test("a connection that may only read is told so, for a person", async () => {
  await using rig = await simRig();
  rig.daemons[0]!.before = (procedure) => {
    if (procedure === 234)
      throw new Refusal(29, 20, "operation forbidden: read only access prevents virDomainDestroyFlags");
    return undefined;
  };
  await expect(rig.provider.powerOff?.(rig.act())).rejects.toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("the connection may only read"),
  });
});
