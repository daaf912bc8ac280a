import { expect, test } from "vitest";
import { ApiServers } from "../../../src/kube/api-servers.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function setUp(bases = ["a", "b", "c"]) {
  const clock = new VirtualClock();
  const servers = new ApiServers(bases, clock, recordingLog(), recordingMeter());
  return { clock, servers };
}

test("a server that fails is left at once, with everything that hangs on it", () => {
  const { servers } = setUp();
  const { left } = servers.pick();
  servers.fail("a", "refused");
  expect([servers.pick().base, left.aborted, servers.pick().left.aborted]).toEqual(["b", true, false]);
});

test("the server whose failure is longest ago is tried next, so none is given up for good", async () => {
  const { clock, servers } = setUp();
  const tried: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const { base } = servers.pick();
    tried.push(base);
    servers.fail(base, "refused");
    await clock.advance(100);
  }
  expect(tried).toEqual(["a", "b", "c", "a", "b", "c"]);
});

test("a late failure of a server that was left already moves nobody", () => {
  const { servers } = setUp();
  servers.fail("a", "refused");
  servers.fail("a", "refused");
  expect(servers.pick().base).toBe("b");
});

test("a single server is never left and never asked whether it is ready", async () => {
  const { clock, servers } = setUp(["a"]);
  const { left } = servers.pick();
  servers.fail("a", "refused");
  await servers.run(async () => {
    throw new Error("asked");
  }, new AbortController().signal);
  await clock.advance(10_000);
  expect([servers.pick().base, left.aborted]).toEqual(["a", false]);
});

test("a quiet server is asked, a talking one is not, a suspect one soon", async () => {
  const { clock, servers } = setUp();
  const asked: number[] = [];
  const stop = new AbortController();
  const running = servers.run(async () => asked.push(clock.now().monoMs) > 0, stop.signal);
  const from = clock.now().monoMs;
  for (let second = 0; second < 10; second += 1) {
    servers.heard("a");
    await clock.advance(1_000);
  }
  expect(asked).toEqual([]);
  servers.suspect("a");
  await clock.advance(500);
  expect(asked).toEqual([from + 10_500]);
  await clock.advance(2_500);
  expect(asked).toHaveLength(2);
  stop.abort();
  await running;
});
