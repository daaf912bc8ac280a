import { expect, test } from "vitest";
import type { PowerState } from "../../../src/core/model.ts";
import { proofOfOff } from "../../../src/core/proof.ts";
import { Machines } from "../../../src/engine/machines.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const node = {
  name: "a",
  uid: "u",
  providerID: "p",
  systemUUID: "s",
  internalIP: undefined,
  machineAnnotation: undefined,
};

function world(power: () => PowerState) {
  const clock = new VirtualClock();
  const provider: Provider = {
    id: "fake",
    capabilities: ["observe"],
    identify: async () => "m",
    observe: async () => ({ power: power(), text: "" }),
    defaultLadder: () => [],
  };
  const machines = new Machines(provider, clock, quietLog);
  const readEvery = async (ms: number, times: number) => {
    for (let count = 0; count < times; count += 1) {
      await machines.observe("m", node, new AbortController().signal);
      await clock.advance(ms);
    }
  };
  return { clock, machines, readEvery };
}

test("a machine read many times within a short while stays proven off", async () => {
  let power: PowerState = "on";
  const { clock, machines, readEvery } = world(() => power);
  await readEvery(100, 3);
  power = "off";
  await readEvery(100, 60);
  const readings = machines.readings().get("a") ?? [];
  expect(proofOfOff(readings, clock.now())).toBeDefined();
  expect(readings.length).toBeLessThanOrEqual(8);
});

test("one other reading in between ends the proof, however many follow it at once", async () => {
  let power: PowerState = "off";
  const { clock, machines, readEvery } = world(() => power);
  await readEvery(1_000, 5);
  power = "unknown";
  await readEvery(100, 1);
  power = "off";
  await readEvery(100, 15);
  expect(proofOfOff(machines.readings().get("a") ?? [], clock.now())).toBeUndefined();
});
