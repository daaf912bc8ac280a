import { expect, test } from "vitest";
import { type MetricSpec, metrics } from "../../../src/http/metric-list.ts";
import { PrometheusMeter } from "../../../src/http/prometheus-meter.ts";
import { briskConfig, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
const ofLeader = Object.entries(metrics)
  .filter(([, spec]: [string, MetricSpec]) => spec.of === "leader")
  .map(([name]) => name)
  // only there while a repair is under way or held
  .filter((name) => name !== "aceso_oldest_repair_timestamp_seconds");

const valueIn = (text: string, series: string) =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length),
  );
const shownIn = (text: string) => ofLeader.filter((name) => new RegExp(`^${name}[ {]`, "m").test(text));

test("the leader shows what it decides and how long its repairs took, the follower nothing of it, until it leads", async () => {
  const meters = new Map([
    ["one", new PrometheusMeter()],
    ["two", new PrometheusMeter()],
  ]);
  const text = (name: string) => meters.get(name)?.text() ?? "";
  await using it = await startHealing({
    nodes,
    config: briskConfig,
    meterOf: (name) => meters.get(name) ?? new PrometheusMeter(),
  });
  const leader = await it.startReplica("one");
  await it.startReplica("two");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.hang();
  await it.untilPhase("b", "Fencing");
  await it.world.clock.advance(100);
  const meanwhile = await text("one");
  expect(valueIn(meanwhile, 'aceso_nodes{state="Fencing"}')).toBe(1);
  expect(valueIn(meanwhile, 'aceso_nodes{state="Well"}')).toBe(2);
  expect(valueIn(meanwhile, 'aceso_repairs{phase="Fencing",rung="power-cycle"}')).toBe(1);
  expect(valueIn(meanwhile, 'aceso_oldest_repair_timestamp_seconds{state="active"}')).toBeGreaterThan(1e9);

  await it.untilPhase("b", "Healed");
  await it.world.clock.advance(20_000);
  const after = await text("one");
  for (const what of ["detect", "fence", "release"])
    expect(valueIn(after, `aceso_time_to_${what}_seconds_count`)).toBe(1);
  expect(valueIn(after, 'aceso_time_to_return_seconds_count{rung="power-cycle"}')).toBe(1);
  expect(valueIn(after, 'aceso_provider_calls_total{operation="power-off",code="ok"}')).toBe(1);
  const ageS = it.world.clock.now().wallMs / 1_000 - valueIn(after, "aceso_last_pass_timestamp_seconds");
  expect(ageS).toBeLessThan(20);
  expect([valueIn(after, "aceso_leader"), shownIn(after)]).toEqual([1, ofLeader]);
  expect([valueIn(await text("two"), "aceso_leader"), shownIn(await text("two"))]).toEqual([0, []]);

  await leader.stop();
  await it.world.clock.advance(60_000);
  expect([valueIn(await text("one"), "aceso_leader"), shownIn(await text("one"))]).toEqual([0, []]);
  expect([valueIn(await text("two"), "aceso_leader"), shownIn(await text("two"))]).toEqual([1, ofLeader]);
});

test("a single replica without election counts as the leader, too", async () => {
  const meter = new PrometheusMeter();
  await using it = await startHealing({ nodes, config: `${briskConfig}\nleader-elect: false\n`, meterOf: () => meter });
  await it.startReplica("one");
  await it.world.clock.advance(5_000);
  expect(valueIn(await meter.text(), "aceso_leader")).toBe(1);
});
