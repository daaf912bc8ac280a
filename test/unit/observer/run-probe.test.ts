import { expect, test } from "vitest";
import { runProbe } from "../../../src/observer/run-probe.ts";
import type { ProbeResult, ProbingCheck } from "../../../src/plugin-api/index.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { result, target } from "./fixtures.ts";

const never = new AbortController().signal;

function run(probe: ProbingCheck["probe"], clock = new VirtualClock(), stop = never) {
  return runProbe({ probe }, target("n"), 5_000, clock, stop);
}

test("a verdict in time is passed on", async () => {
  const { result: seen, fault } = await run(async () => result("fail", { answered: true }));
  expect([seen.verdict, seen.answered, fault]).toEqual(["fail", true, undefined]);
});

test("the signal aborts at the timeout, and a verdict within a second after it still counts", async () => {
  const clock = new VirtualClock();
  const outcome = run(async (_target, signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return result("fail", { message: "no answer" });
  }, clock);
  await clock.advance(5_000);
  expect((await outcome).result.message).toBe("no answer");
});

test("a check that goes on for a second after its timeout is unknown, and told apart from one that has ended", async () => {
  const clock = new VirtualClock();
  let finish: (value: ProbeResult) => void = () => {};
  const outcome = run(() => new Promise((resolve) => (finish = resolve)), clock);
  await clock.advance(6_000);
  const { result: seen, fault, settled } = await outcome;
  expect([seen.verdict, seen.answered, fault]).toEqual(["unknown", false, "overrun"]);
  let hasEnded = false;
  const ending = settled.then(() => (hasEnded = true));
  await clock.settle();
  expect(hasEnded).toBe(false);
  finish(result("pass"));
  await ending;
  expect(hasEnded).toBe(true);
});

test("a check that throws, at once or later, is unknown", async () => {
  const atOnce: ProbingCheck["probe"] = () => {
    throw new Error("boom");
  };
  expect(await run(atOnce)).toMatchObject({ fault: "throw", result: { verdict: "unknown", answered: false } });
  expect(await run(() => Promise.reject(new Error("later")))).toMatchObject({ fault: "throw" });
});

test.each([
  undefined,
  null,
  7,
  "pass",
  [],
  {},
  { verdict: "healthy", message: "", answered: true },
  { verdict: "pass", message: 1, answered: true },
  { verdict: "pass", message: "" },
])("an answer that is no verdict is unknown: %j", async (nonsense) => {
  const outcome = await run(async () => nonsense as unknown as ProbeResult);
  expect(outcome).toMatchObject({ fault: "nonsense", result: { verdict: "unknown", answered: false } });
});

test("a long message is cut to 256 characters", async () => {
  const { result: seen } = await run(async () => result("fail", { message: "x".repeat(10_000) }));
  expect(seen.message).toHaveLength(256);
});

test("stopping ends a hanging check at once", async () => {
  const stop = new AbortController();
  const outcome = run(() => new Promise(() => {}), new VirtualClock(), stop.signal);
  stop.abort();
  expect((await outcome).result.verdict).toBe("unknown");
});
