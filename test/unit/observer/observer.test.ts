import { afterEach, expect, test } from "vitest";
import type { Dial } from "../../../src/observer/mute.ts";
import { Observer, type ObserverSettings } from "../../../src/observer/observer.ts";
import type { ProbePlan } from "../../../src/observer/probe-plan.ts";
import type { ProbingCheck } from "../../../src/plugin-api/index.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { FakePublisher, FakeTargetList, result, ScriptedCheck, target, targets } from "./fixtures.ts";

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function plan(check: ProbingCheck, fields: Partial<ProbePlan> = {}): ProbePlan {
  return { id: "Endpoint", role: "worker", intervalMs: 10_000, timeoutMs: 5_000, check, ...fields };
}

function observe(settings: Partial<ObserverSettings>, list = new FakeTargetList(targets(5)), dial?: Dial) {
  const clock = new VirtualClock();
  const publisher = new FakePublisher();
  const log = recordingLog();
  const meter = recordingMeter();
  const ports = { clock, publisher, log, meter, targets: list, random: () => 0.5, ...(dial && { dial }) };
  const observer = new Observer({ node: "n0", instance: "i", probes: [], mute: undefined, ...settings }, ports);
  const stop = new AbortController();
  const run = observer.run(stop.signal);
  const end = async () => {
    stop.abort();
    await run;
  };
  stops.push(end);
  return { clock, publisher, log, meter, list, end };
}

const mute = { intervalMs: 10_000, timeoutMs: 3_000 };

test("a failing check is published after the sweep, with the time since when it fails", async () => {
  const check = new ScriptedCheck();
  const { clock, publisher } = observe({ probes: [plan(check)] });
  await clock.settle();
  expect(publisher.last).toMatchObject({
    targets: 5,
    failing: [],
    unknown: [],
    suspectsSelf: false,
    intervalMs: 10_000,
  });

  check.verdicts.set("n3", result("fail", { message: "refused" }));
  await clock.runUntil(() => (publisher.last?.failing.length ?? 0) > 0, 15_000);
  const sinceWallMs = clock.now().wallMs;
  expect(publisher.last?.failing).toEqual([
    { node: "n3", nodeUid: "uid-n3", check: "Endpoint", sinceWallMs, message: "refused" },
  ]);
  await clock.advance(120_000);
  expect(publisher.last?.failing[0]?.sinceWallMs).toBe(sinceWallMs);
});

test("an unchanged report is written once a minute, however often is swept", async () => {
  const check = new ScriptedCheck();
  const { clock, publisher } = observe({ probes: [plan(check)] });
  await clock.advance(10 * 60_000);
  expect(check.probed.length).toBeGreaterThan(5 * 55);
  expect(publisher.reports.length).toBeGreaterThanOrEqual(10);
  expect(publisher.reports.length).toBeLessThanOrEqual(11);
});

test("nothing is published before every target was looked at", async () => {
  let answer: () => void = () => {};
  const slow: ProbingCheck = {
    probe: () => new Promise((resolve) => (answer = () => resolve(result("pass")))),
  };
  const { clock, publisher } = observe({ probes: [plan(slow)] }, new FakeTargetList([target("a")]));
  await clock.settle();
  expect(publisher.reports).toEqual([]);
  answer();
  await clock.settle();
  expect(publisher.last).toMatchObject({ targets: 1, unknown: [], failing: [] });
});

test("a node made anew under the same name starts as unknown, without the old one's failure", async () => {
  const check = new ScriptedCheck();
  check.verdicts.set("n3", result("fail"));
  const { clock, publisher, list } = observe({ probes: [plan(check, { intervalMs: 3_600_000 })] });
  await clock.settle();
  expect(publisher.last?.failing).toHaveLength(1);
  list.targets = [...targets(3), target("n3", { uid: "other" })];
  await clock.runUntil(() => publisher.last?.targets === 4, 6 * 60_000);
  expect(publisher.last?.failing).toEqual([]);
  expect(publisher.last?.unknown).toEqual([{ node: "n3", check: "Endpoint" }]);
});

test("a target that begins to fail makes it list again before the five minutes are over, but not again and again", async () => {
  const check = new ScriptedCheck();
  const { clock, list } = observe({ probes: [plan(check)] });
  await clock.advance(60_000);
  expect(list.calls).toBe(1);
  check.verdicts.set("n3", result("fail"));
  await clock.advance(11_000);
  expect(list.calls).toBe(2);
  await clock.advance(120_000);
  expect(list.calls).toBe(2);
});

test("targets that fail and recover again and again do not make it list more than every 30 s", async () => {
  let sweeps = 0;
  const check: ProbingCheck = {
    probe: async () => {
      sweeps += 1;
      return result(sweeps % 2 === 0 ? "pass" : "fail");
    },
  };
  const { clock, list } = observe({ probes: [plan(check)] }, new FakeTargetList([target("a")]));
  await clock.advance(305_000);
  expect(sweeps).toBeGreaterThan(25);
  expect(list.calls).toBeGreaterThan(4);
  expect(list.calls).toBeLessThanOrEqual(11);
});

test("more than half of the targets failing makes the observer doubt itself", async () => {
  const check = new ScriptedCheck();
  for (const name of ["n1", "n2", "n3"]) check.verdicts.set(name, result("fail"));
  const { clock, publisher } = observe({ probes: [plan(check)] });
  await clock.settle();
  expect(publisher.last?.suspectsSelf).toBe(true);
});

test("a check looks only at nodes of its role, at its own interval", async () => {
  const [often, seldom] = [new ScriptedCheck(), new ScriptedCheck()];
  const list = new FakeTargetList([target("m", { role: "master" }), target("w")]);
  const probes = [plan(often), plan(seldom, { id: "Command", role: "master", intervalMs: 60_000 })];
  const { clock } = observe({ probes }, list);
  await clock.advance(119_000);
  expect(new Set(often.probed)).toEqual(new Set(["w"]));
  expect(often.probed).toHaveLength(12);
  expect(seldom.probed).toEqual(["m", "m"]);
});

test("no more probes run at a time than allowed", async () => {
  let running = 0;
  let most = 0;
  const clockRef: { clock?: VirtualClock } = {};
  const check: ProbingCheck = {
    async probe() {
      running += 1;
      most = Math.max(most, running);
      await clockRef.clock?.sleep(10);
      running -= 1;
      return result("pass");
    },
  };
  const { clock, publisher } = observe({ probes: [plan(check)], concurrency: 4 }, new FakeTargetList(targets(40)));
  clockRef.clock = clock;
  await clock.runUntil(() => publisher.reports.length > 0, 10_000);
  expect(most).toBe(4);
});

test("a hung check is unknown, counted, logged once a sweep, and not started again while it hangs", async () => {
  let calls = 0;
  const hung: ProbingCheck = {
    probe: () => {
      calls += 1;
      return new Promise(() => {});
    },
  };
  const { clock, publisher, meter, log } = observe({ probes: [plan(hung)] });
  await clock.advance(65_000);
  expect(calls).toBe(5);
  expect(publisher.last?.unknown).toHaveLength(5);
  expect(meter.counts.get("aceso_probe_faults_total{check=Endpoint,fault=overrun}")).toBe(5);
  expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
});

test("a node is mute only when neither the kubelet's port nor any other probe of the sweep got an answer", async () => {
  const check = new ScriptedCheck();
  check.verdicts.set("n1", result("fail", { answered: true }));
  check.verdicts.set("n2", result("fail", { answered: false }));
  const silent: Dial = async () => "silent";
  const { clock, publisher } = observe({ probes: [plan(check)], mute }, undefined, silent);
  await clock.settle();
  const mutes = publisher.last?.failing.filter(({ check: id }) => id === "mute").map(({ node }) => node);
  expect(mutes).toEqual(["n2"]);
});

test("a refusal is an answer, and a knock that could not be made is unknown", async () => {
  const list = new FakeTargetList([
    target("a", { kubeletPort: 1 }),
    target("b", { kubeletPort: 2 }),
    target("c", { kubeletPort: 3 }),
  ]);
  const dial: Dial = async (_host, port) => (port === 1 ? "answered" : port === 2 ? "silent" : "local");
  const { clock, publisher } = observe({ mute }, list, dial);
  await clock.settle();
  expect(publisher.last?.failing.map(({ node, check }) => [node, check])).toEqual([["b", "mute"]]);
  expect(publisher.last?.unknown).toEqual([{ node: "c", check: "mute" }]);
});

test("without probes nothing is listed, and an empty report a minute says that the replica lives", async () => {
  const { clock, publisher, list } = observe({});
  await clock.advance(600_000);
  expect(list.calls).toBe(0);
  expect(publisher.reports.length).toBeGreaterThanOrEqual(10);
  expect(publisher.last).toMatchObject({ targets: 0, failing: [], unknown: [] });
});

test("a report that cannot be written is tried again with growing waits, and the newest one is what arrives", async () => {
  const check = new ScriptedCheck();
  const { clock, publisher } = observe({ probes: [plan(check)] });
  publisher.problem = new Error("503");
  await clock.advance(300_000);
  expect(publisher.reports).toEqual([]);
  expect(publisher.attempts).toBeGreaterThan(8);
  expect(publisher.attempts).toBeLessThan(30);
  check.verdicts.set("n4", result("fail"));
  publisher.problem = undefined;
  await clock.runUntil(() => (publisher.last?.failing.length ?? 0) === 1, 60_000);
  expect(publisher.last?.failing[0]?.node).toBe("n4");
});

test("a list that does not work keeps the old targets and is tried again", async () => {
  const check = new ScriptedCheck();
  const list = new FakeTargetList(targets(2));
  list.problem = new Error("connect ECONNREFUSED");
  const { clock, publisher } = observe({ probes: [plan(check)] }, list);
  await clock.advance(20_000);
  expect(publisher.reports).toEqual([]);
  list.problem = undefined;
  await clock.runUntil(() => publisher.reports.length > 0, 60_000);
  list.problem = new Error("connect ECONNREFUSED");
  const before = check.probed.length;
  await clock.advance(600_000);
  expect(check.probed.length).toBeGreaterThan(before + 100);
  expect(publisher.last?.targets).toBe(2);
});

test("it stops in the middle of a sweep, publishes nothing any more and closes each check once", async () => {
  const check = new ScriptedCheck();
  let hasHung = false;
  const hung: ProbingCheck = {
    probe: (_target, signal) => {
      hasHung = true;
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    },
  };
  const { clock, publisher, end, log } = observe({
    probes: [plan(check), plan(check, { id: "Endpoint#2" }), plan(hung, { id: "Command" })],
  });
  await clock.settle();
  expect(hasHung).toBe(true);
  await end();
  expect([publisher.reports.length, check.closed, log.lines.length]).toEqual([0, 1, 0]);
});

test("what still waits for its turn when it stops is not started any more", async () => {
  let started = 0;
  const hung: ProbingCheck = {
    probe: () => {
      started += 1;
      return new Promise(() => {});
    },
  };
  const { clock, end } = observe({ probes: [plan(hung)], concurrency: 2 }, new FakeTargetList(targets(50)));
  await clock.settle();
  await end();
  expect(started).toBe(2);
});
