import { describe, expect, test } from "vitest";
import { Machine } from "../../support/hollow/machine.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function newMachine() {
  const clock = new VirtualClock();
  return { clock, machine: new Machine({ name: "n1", clock, bootMs: 5_000, powerOffMs: 3_000 }) };
}

describe("a hollow machine", () => {
  test("changes while it is switched off, then reads off", async () => {
    const { clock, machine } = newMachine();
    const done = machine.powerOff();
    expect([machine.power, machine.isTalking, machine.face]).toEqual(["changing", false, "mute"]);
    await clock.advance(3_000);
    await done;
    expect(machine.power).toBe("off");
  });

  test("reads on while it boots, is mute until then, and has another boot ID after", async () => {
    const { clock, machine } = newMachine();
    const before = machine.bootId;
    machine.kill();
    const done = machine.powerOn();
    expect([machine.power, machine.face]).toEqual(["on", "mute"]);
    await clock.advance(4_999);
    expect(machine.isTalking).toBe(false);
    await clock.advance(1);
    await done;
    expect([machine.isTalking, machine.face]).toEqual([true, "alive"]);
    expect(machine.bootId).not.toBe(before);
  });

  test("stays off when the plug is pulled while it boots", async () => {
    const { clock, machine } = newMachine();
    machine.kill();
    const done = machine.powerOn();
    await clock.advance(1_000);
    machine.kill();
    await clock.advance(10_000);
    await done;
    expect([machine.power, machine.isTalking]).toEqual(["off", false]);
  });

  test("hung, it ignores a soft reboot and obeys a hard one", async () => {
    const { clock, machine } = newMachine();
    const before = machine.bootId;
    machine.hang();
    await machine.reboot("soft");
    expect([machine.power, machine.face, machine.bootId]).toEqual(["on", "mute", before]);
    const done = machine.reboot("hard");
    await clock.advance(5_000);
    await done;
    expect([machine.face, machine.bootId === before]).toEqual(["alive", false]);
  });

  test("keeps its boot ID over a network cut and a dead kubelet", () => {
    const { machine } = newMachine();
    const before = machine.bootId;
    machine.partition();
    expect([machine.isTalking, machine.face]).toEqual([false, "mute"]);
    machine.reconnect();
    machine.killKubelet();
    expect([machine.isTalking, machine.face]).toEqual([false, "refused"]);
    machine.startKubelet();
    expect([machine.isTalking, machine.face, machine.bootId]).toEqual([true, "alive", before]);
  });

  test("replaced, it is another machine; rebuilt, the same", async () => {
    const { clock, machine } = newMachine();
    const { id, systemUUID } = machine;
    const rebuilt = machine.renew("rebuild");
    await clock.advance(5_000);
    await rebuilt;
    expect([machine.id, machine.systemUUID]).toEqual([id, systemUUID]);
    const replaced = machine.renew("replace");
    await clock.advance(5_000);
    await replaced;
    expect(machine.id).not.toBe(id);
    expect(machine.systemUUID).not.toBe(systemUUID);
    expect(machine.isTalking).toBe(true);
  });
});
