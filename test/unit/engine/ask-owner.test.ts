import { expect, test } from "vitest";
import type { PowerState } from "../../../src/core/model.ts";
import { askOwner, type Purpose } from "../../../src/engine/ask-owner.ts";
import { Machines } from "../../../src/engine/machines.ts";
import type { Shift } from "../../../src/engine/world.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { node, plan, record } from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** Counts how often the machine of a repair's node is asked about. */
function rig(power: () => PowerState = () => "off") {
  const clock = new VirtualClock();
  let asked = 0;
  let machine = "m1";
  const provider: Provider = {
    id: "fake",
    capabilities: ["observe"],
    defaultLadder: () => [],
    identify: async () => machine,
    observe: async () => {
      asked += 1;
      return { power: power(), text: "" };
    },
  };
  const machines = new Machines(provider, clock, quietLog);
  const shift = { clock, machines } as unknown as Shift;
  const ask = (purpose: Purpose = "look", reason = "entered") => {
    const { identity: _any, ...begun } = record({ node: "n1", phase: "Fencing", reason, plan: plan() });
    return askOwner(shift, begun, node("n1"), purpose, new AbortController().signal);
  };
  const become = (other: string) => {
    machine = other;
    machines.forget("n1");
  };
  return { clock, machines, ask, become, asked: () => asked };
}

test("steps that follow each other within a second are taken on one read, later ones on a new one", async () => {
  const { clock, ask, asked } = rig();
  for (let step = 0; step < 4; step += 1) {
    await ask();
    await clock.advance(200);
  }
  expect(asked()).toBe(1);
  await clock.advance(200);
  await ask();
  expect(asked()).toBe(2);
});

test.each(["act", "act-on-machine", "delete-node"] as const)(
  "before an act (%s) the machine is read anew",
  async (purpose) => {
    const { ask, asked } = rig();
    await ask();
    await ask(purpose);
    await ask(purpose);
    expect(asked()).toBe(3);
  },
);

test("what was read before an act or a hint is not taken for what is after it", async () => {
  const { clock, machines, ask, asked } = rig();
  await ask();
  machines.doubt("n1");
  await ask();
  expect(asked()).toBe(2);
  await clock.advance(1);
  await ask();
  await ask();
  expect(asked()).toBe(3);
});

test("a held repair reads its machine every 8 s, before a proof is too old", async () => {
  const { clock, ask, asked } = rig();
  for (let second = 0; second < 16; second += 1) {
    await ask("look", "countdown");
    await clock.advance(1_000);
  }
  expect(asked()).toBe(2);
});

test.each(["unknown", "changing"] as const)(
  "a held repair whose machine reads %s looks again each time",
  async (power) => {
    const { clock, ask, asked } = rig(() => power);
    for (let look = 0; look < 3; look += 1) {
      await ask("look", "provider-unknown");
      await clock.advance(5_000);
    }
    expect(asked()).toBe(3);
  },
);

test("a machine that could not be read, or is another one now, is asked about again", async () => {
  let isReadable = false;
  const { ask, become, asked } = rig(() => {
    if (!isReadable) throw new Error("no answer");
    return "on";
  });
  await ask();
  await ask();
  expect(asked()).toBe(2);
  isReadable = true;
  await ask();
  become("m2");
  await ask();
  expect(asked()).toBe(4);
});
