import { expect, test } from "vitest";
import providerState from "../../../plugins/checks/provider-state/index.ts";
import { Machines } from "../../../src/engine/machines.ts";
import type { PassiveSpec } from "../../../src/engine/passive-findings.ts";
import { PowerSurvey } from "../../../src/engine/power-survey.ts";
import type { PowerAnswer, Provider } from "../../../src/plugin-api/index.ts";
import { node } from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const check = providerState.create({ states: ["off", "fault"] }, {} as never);
if (!("evaluate" in check)) throw new Error("not a passive check");
const spec: PassiveSpec = {
  id: "ProviderState",
  role: "worker",
  unhealthyDurationMs: 0,
  check,
  asksPowerEveryMs: 60_000,
};
const names = Array.from({ length: 10 }, (_, index) => `w${index}`);
const all = [...names.map((name) => node(name)), node("master", { role: "master" })];

function world(changes: Partial<Provider>, specs: readonly PassiveSpec[] = [spec]) {
  const clock = new VirtualClock();
  const asked = { observe: [] as string[], atOnce: 0, most: 0 };
  const provider: Provider = {
    id: "fake",
    capabilities: ["observe"],
    defaultLadder: () => [],
    identify: async (it) => `m-${it.name}`,
    async observe(machine) {
      asked.observe.push(machine);
      asked.atOnce += 1;
      asked.most = Math.max(asked.most, asked.atOnce);
      await clock.sleep(100);
      asked.atOnce -= 1;
      return { power: "on", text: "ACTIVE" };
    },
    ...changes,
  };
  const nodes = { isSynced: true, nodes: () => new Map(all.map((it) => [it.name, it])) };
  const machines = new Machines(provider, clock, quietLog);
  const survey = PowerSurvey.of(specs, { provider, nodes: nodes as never, clock, log: quietLog }, machines);
  const stop = new AbortController();
  void survey?.run(stop.signal, () => undefined);
  return { clock, asked, survey, stop };
}

test("machines are observed a few at a time, every interval, those of the role only", async () => {
  const { clock, asked, survey } = world({});
  await clock.advance(59_000);
  expect(asked.observe.sort()).toEqual(names.map((name) => `m-${name}`));
  expect(asked.most).toBe(4);
  expect(survey?.readingOf("w3")).toMatchObject({ machine: "m-w3", power: "on", text: "ACTIVE" });
  expect(survey?.readingOf("master")).toBeUndefined();
  await clock.advance(60_000);
  expect(asked.observe).toHaveLength(20);
});

test("a provider that can is asked one question about all", async () => {
  let surveys = 0;
  const answers = new Map<string, PowerAnswer>([["m-w0", { power: "off", text: "SHUTOFF" }]]);
  const { clock, asked, survey } = world({
    survey: async () => {
      surveys += 1;
      return answers;
    },
  });
  await clock.advance(130_000);
  expect([surveys, asked.observe.length]).toEqual([3, 0]);
  expect(survey?.readingOf("w0")?.power).toBe("off");
  expect(survey?.readingOf("w1")).toBeUndefined();
});

test("without a check that wants to know nobody is asked", async () => {
  const { asksPowerEveryMs: _none, ...plain } = spec;
  const { clock, asked, survey } = world({}, [plain]);
  await clock.advance(600_000);
  expect([survey, asked.observe]).toEqual([undefined, []]);
});

test("what was read more than three intervals ago says nothing any more", async () => {
  let isBroken = false;
  const { clock, survey } = world({
    survey: async () => {
      if (isBroken) throw new Error("503");
      return new Map([["m-w0", { power: "off" as const, text: "SHUTOFF" }]]);
    },
  });
  await clock.advance(1_000);
  isBroken = true;
  await clock.advance(170_000);
  expect(survey?.readingOf("w0")?.power).toBe("off");
  await clock.advance(20_000);
  expect(survey?.readingOf("w0")).toBeUndefined();
});

test("one machine that cannot be read, or an answer that makes no sense, spoils no other", async () => {
  const { clock, survey } = world({
    observe: async (machine) => {
      if (machine === "m-w0") throw new Error("404");
      if (machine === "m-w1") return { power: "OFF" } as never;
      return { power: "off", text: "SHUTOFF" };
    },
  });
  await clock.advance(1_000);
  expect(["w0", "w1", "w2"].map((name) => survey?.readingOf(name)?.power)).toEqual([undefined, undefined, "off"]);
});
