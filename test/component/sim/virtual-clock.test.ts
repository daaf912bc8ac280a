import { request } from "undici";
import { expect, test } from "vitest";
import { nodeDraft } from "../../sim/kube/fixtures.ts";
import { simulatedWorld } from "../../support/simulated-world.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const headers = { authorization: "Bearer a.1" };

test("timers run in the order of their due times, each at its own time", async () => {
  const clock = new VirtualClock();
  const start = clock.now().monoMs;
  const seen: [string, number][] = [];
  const note = (name: string, ms: number) =>
    clock.sleep(ms).then(() => void seen.push([name, clock.now().monoMs - start]));
  void note("late", 500);
  void note("early", 100);
  void note("also early", 100);
  await clock.advance(400);
  expect(seen).toEqual([
    ["early", 100],
    ["also early", 100],
  ]);
  await clock.advance(200);
  expect(seen.at(-1)).toEqual(["late", 500]);
  expect(clock.now().monoMs - start).toBe(600);
});

test("a disposed deadline leaves no timer, an expired one aborts with TimeoutError", async () => {
  const clock = new VirtualClock();
  {
    using unused = clock.deadline(50);
    expect(unused.signal.aborted).toBe(false);
  }
  expect(clock.describe()).toContain("timers: none");
  using used = clock.deadline(50);
  await clock.advance(50);
  expect((used.signal.reason as DOMException).name).toBe("TimeoutError");
});

test("the wall clock can jump without the monotonic one", () => {
  const clock = new VirtualClock();
  const before = clock.now();
  clock.jumpWall(-3_600_000);
  expect(clock.now()).toEqual({ monoMs: before.monoMs, wallMs: before.wallMs - 3_600_000 });
});

test("time does not move while a call is being answered", async () => {
  await using world = await simulatedWorld();
  const dispatcher = world.agent();
  world.kube.store.put("nodes", nodeDraft("n1", world.clock.now().wallMs));
  let elapsed = -1;
  const startMs = world.clock.now().monoMs;
  void request(`${world.kube.url}/api/v1/nodes`, { dispatcher, headers }).then(async ({ body }) => {
    await body.json();
    elapsed = world.clock.now().monoMs - startMs;
  });
  const timer = world.clock.sleep(10);
  await world.clock.advance(10);
  await timer;
  expect(elapsed).toBe(0);
});

test("a stalled answer does not stop time: the deadline ends the call", async () => {
  await using world = await simulatedWorld();
  const dispatcher = world.agent();
  world.kube.faults.add({ match: { plural: "nodes" }, fault: { kind: "stall" } });
  using deadline = world.clock.deadline(5_000);
  let problem = "";
  void request(`${world.kube.url}/api/v1/nodes`, { dispatcher, headers, signal: deadline.signal }).catch(
    (error: Error) => {
      problem = error.name;
    },
  );
  const took = await world.clock.runUntil(() => problem !== "", 60_000);
  expect([problem, took]).toEqual(["TimeoutError", 5_000]);
});

test("every event of a watch is read before time moves", async () => {
  await using world = await simulatedWorld();
  const dispatcher = world.agent();
  const { body } = await request(
    `${world.kube.url}/api/v1/nodes?watch=1&resourceVersion=${world.kube.store.revision}`,
    { dispatcher, headers },
  );
  let text = "";
  body.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  for (let at = 1; at <= 50; at += 1) {
    world.kube.store.put("nodes", nodeDraft(`n${at}`, world.clock.now().wallMs));
    await world.clock.settle();
    expect(text.trim().split("\n")).toHaveLength(at);
  }
  body.on("error", () => undefined);
  body.destroy();
});

test("a condition that does not come is explained by what is in flight and what is pending", async () => {
  const clock = new VirtualClock({ realCapMs: 100 });
  void clock.sleep(90_000);
  await expect(clock.runUntil(() => false, 1_000, "the moon")).rejects.toThrow(
    /the moon did not come within 1000 ms.*\n.*nothing\n.*sleep 90000 ms/,
  );
  void clock.track(new Promise(() => undefined), "fence agent of n1");
  await expect(clock.settle()).rejects.toThrow(/not quiet within 100 ms.*\n.*fence agent of n1/);
});
