import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { addMachine, type SimRig, simRig } from "./rig.ts";

const registration = 316;

function watched(rig: SimRig) {
  const hints: string[] = [];
  const end = new AbortController();
  const over = rig.provider.watch?.((machine) => void hints.push(machine), end.signal);
  const registered = (times: number) =>
    eventually("it listens", () => rig.daemons.every((it) => count(it.calls) >= times), { everyMs: 10 });
  return { hints, end, over, registered };
}

const count = (calls: readonly number[]) => calls.filter((number) => number === registration).length;

test("a machine that stops is told of at once, without a question; others' machines are not", async () => {
  await using rig = await simRig({ hypervisors: 2, section: { machines: ["node-*"] } });
  const foreign = addMachine(rig.daemons[1]!.hypervisor, "database", "6c696276-6972-4000-8000-00000000000b");
  const { hints, end, over, registered } = watched(rig);
  await registered(1);
  rig.daemons[1]!.hypervisor.stop(foreign, 3);
  rig.daemons[0]!.hypervisor.stop(rig.domain, 3);
  await eventually("the hint", () => hints.length > 0, { everyMs: 5, withinMs: 1_000 });
  // defined anew: nothing about its power
  rig.daemons[0]!.hypervisor.tell(rig.domain, 0);
  expect(new Set(hints)).toEqual(new Set([rig.machine]));
  end.abort();
  await over;
});

test("it listens again after the daemon was gone, and ends with its signal", async () => {
  await using rig = await simRig();
  const { hints, end, over, registered } = watched(rig);
  await registered(1);
  rig.daemons[0]!.hangUp();
  await registered(2);
  rig.daemons[0]!.hypervisor.stop(rig.domain, 3);
  await eventually("the hint", () => hints.includes(rig.machine), { everyMs: 5 });
  end.abort();
  await over;
  const before = hints.length;
  rig.daemons[0]!.hypervisor.tell(rig.domain, 2);
  await rig.provider.observe(rig.machine, rig.node, new AbortController().signal);
  expect(hints.length).toBe(before);
});
