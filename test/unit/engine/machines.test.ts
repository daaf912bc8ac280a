import { expect, test } from "vitest";
import type { PowerState } from "../../../src/core/model.ts";
import { proofOfOff } from "../../../src/core/proof.ts";
import { Machines } from "../../../src/engine/machines.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { node as nodeFacts } from "../../support/core-builders.ts";
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

/** A provider written without types. */
function careless(answers: { readonly identify?: () => unknown; readonly observe?: () => unknown }) {
  const provider = { id: "fake", capabilities: ["observe"], defaultLadder: () => [], ...answers };
  return new Machines(provider as unknown as Provider, new VirtualClock(), quietLog);
}

test.each([
  ["off without text", () => Promise.resolve({ power: "off" })],
  ["text that is none", () => Promise.resolve({ power: "off", text: 7 })],
  ["a power that is none", () => Promise.resolve({ power: "OFF", text: "OFF" })],
  ["nothing", () => Promise.resolve(undefined)],
  ["null", () => Promise.resolve(null)],
  ["an answer that is no promise", () => 5],
])("a provider that answers %s is not readable, and proves nothing", async (_what, observe) => {
  const machines = careless({ observe });
  const reading = await machines.observe("m", node, new AbortController().signal);
  expect(reading).toMatchObject({
    power: "unknown",
    text: expect.stringMatching(/^fake answered .*; (power|it) must/),
  });
  expect(machines.isUnreadable("a")).toBe(true);
});

test("a provider that throws at once is not readable", async () => {
  const observe = () => {
    throw new Error("no such machine");
  };
  const machines = careless({ observe });
  const reading = await machines.observe("m", node, new AbortController().signal);
  expect(reading).toMatchObject({ power: "unknown", text: "no such machine" });
  expect(machines.isUnreadable("a")).toBe(true);
});

test.each([
  ["null", () => Promise.resolve(null), "fake answered null"],
  ["a number", () => Promise.resolve(7), "fake answered 7"],
  ["no name", () => Promise.resolve(""), 'fake answered ""'],
  [
    "an error at once",
    () => {
      throw new Error("no list");
    },
    "no list",
  ],
])("a provider that identifies a node by %s names no machine", async (_what, identify, problem) => {
  const claim = await careless({ identify }).identify(nodeFacts("a"), new AbortController().signal);
  expect(claim).toMatchObject({ kind: "none", problem: expect.stringContaining(problem) });
});
