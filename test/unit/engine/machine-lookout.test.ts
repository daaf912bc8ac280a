import { expect, test } from "vitest";
import type { PowerState } from "../../../src/core/model.ts";
import { proofOfOff } from "../../../src/core/proof.ts";
import type { StoredRecord } from "../../../src/core/view.ts";
import { MachineLookout } from "../../../src/engine/machine-lookout.ts";
import { Machines } from "../../../src/engine/machines.ts";
import type { World } from "../../../src/engine/world.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { node as nodeFacts, policy, record } from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const node = nodeFacts("a");
const nodes = new Map([["a", node]]);

/** A lookout whose watched nodes are named again at each reading, as a pass over all nodes does. */
function rig(power: () => PowerState = () => "on") {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const records = new Map<string, StoredRecord>();
  const silent = new Set<string>();
  let asked = 0;
  const provider: Provider = {
    id: "fake",
    capabilities: ["observe"],
    defaultLadder: () => [],
    identify: async () => "m",
    observe: async () => {
      asked += 1;
      return { power: power(), text: "" };
    },
  };
  const machines = new Machines(provider, clock, quietLog);
  const world = { clock, log: quietLog, journal: { records: () => records } } as unknown as World;
  const pass = () => lookout.watch([...silent], nodes);
  const lookout = new MachineLookout(machines, world, stop.signal, policy({ silenceMs: 25_000 }), pass);
  const isProven = () => proofOfOff(machines.readings().get("a") ?? [], clock.now()) !== undefined;
  return { clock, machines, lookout, silent, records, pass, isProven, asked: () => asked };
}

test("a look at a machine that is on is one question, and leaves nothing behind", async () => {
  const { clock, lookout, machines, asked } = rig();
  expect(await lookout.lookNow(node)).toMatchObject({ power: "on" });
  await clock.advance(600_000);
  expect([asked(), machines.readings().size, machines.claims().size]).toEqual([1, 0, 0]);
});

test("a machine found off is proven off two seconds later, and stays so until its node falls silent", async () => {
  const { clock, lookout, silent, pass, isProven } = rig(() => "off");
  await lookout.lookNow(node);
  expect(isProven()).toBe(false);
  await clock.advance(2_000);
  for (let second = 2; second < 50; second += 1) {
    expect(isProven()).toBe(true);
    await clock.advance(1_000);
  }
  silent.add("a");
  pass();
  for (let second = 0; second < 300; second += 1) {
    expect(isProven()).toBe(true);
    await clock.advance(1_000);
  }
});

test("a machine that reads off under a kubelet that goes on living is let be in the end", async () => {
  const { clock, lookout, machines, asked } = rig(() => "off");
  await lookout.lookNow(node);
  await clock.advance(70_000);
  const then = asked();
  await clock.advance(600_000);
  expect([asked() - then, machines.readings().size]).toEqual([0, 0]);
});

test("a machine that was off for a moment is let be when it reads on", async () => {
  let power: PowerState = "off";
  const { clock, lookout, machines, asked } = rig(() => power);
  await lookout.lookNow(node);
  power = "on";
  await clock.advance(600_000);
  expect([asked(), machines.readings().size]).toEqual([2, 0]);
});

test("of a node that is watched already the next look comes at once", async () => {
  const { clock, lookout, silent, pass, asked } = rig();
  silent.add("a");
  pass();
  await clock.advance(1_000);
  expect(asked()).toBe(1);
  expect(await lookout.lookNow(node)).toBeUndefined();
  await clock.settle();
  expect(asked()).toBe(2);
});

test("a node with a repair under way or held is left to the repair", async () => {
  const { clock, lookout, records, asked } = rig();
  for (const phase of ["Fencing", "Recovering", "Held"] as const) {
    records.set("a", { kind: "record", record: record({ node: "a", phase }) });
    expect(await lookout.lookNow(node)).toBeUndefined();
  }
  await clock.advance(60_000);
  expect(asked()).toBe(0);
});
