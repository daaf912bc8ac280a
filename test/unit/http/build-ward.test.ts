import { describe, expect, test } from "vitest";
import { explain } from "../../../src/core/explain.ts";
import { explanationJson } from "../../../src/core/explain-json.ts";
import { buildWard, type WardSight } from "../../../src/http/build-ward.ts";
import { nodePage, nodesPage } from "../../../src/http/page-answers.ts";
import {
  node,
  notReady,
  now,
  observer,
  record,
  sees,
  still,
  type ViewParts,
  view,
} from "../../support/core-builders.ts";

const sight = (parts: ViewParts): WardSight => ({
  view: view(parts),
  now,
  leader: { instance: "a", renewedAtWallMs: now.wallMs - 3_000, isAlive: true },
  servedBy: { instance: "b", node: "n9", isLeader: false },
  version: "1.2.3",
  configSource: "a file",
  notes: ["a note"],
});
const at = (ms: number) => new Date(now.wallMs + ms).toISOString();
const working = (name: string, changes = {}) =>
  record({
    node: name,
    id: `r-${name}`,
    phase: "Fencing",
    startedAtWallMs: now.wallMs - 9_000,
    phaseStartedAtWallMs: now.wallMs - 4_000,
    ...changes,
  });

test("a quiet cluster has no patients, and says so in numbers", () => {
  const ward = buildWard(sight({ nodes: [node("n1"), node("n2")] }), 7);
  expect(ward).toMatchObject({
    revision: 7,
    asOf: at(0),
    leader: { instance: "a", renewedAt: at(-3_000), isAlive: true },
    nodes: { total: 2, notWell: 0, byState: { Well: 2 } },
    patients: [],
    pauses: [],
    timeline: [],
  });
});

test("a patient has the words of explain, and the moment at which something happens by time alone", () => {
  const parts = { nodes: [node("n1", notReady)], leases: new Map([["n1", still(30_000)]]) };
  const [patient] = buildWard(sight(parts), 1).patients;
  const { next, ...told } = explain(view(parts), now, "n1");
  expect(patient).toMatchObject(told);
  expect(patient?.next).toEqual({ what: next.what, at: next.afterMs === undefined ? null : at(next.afterMs) });
});

test("who waits for a person comes first, then who is treated, then who is watched", () => {
  const names = ["watched", "held", "treated"];
  const parts = {
    nodes: names.map((it) => node(it, it === "watched" ? notReady : {})),
    leases: new Map([["watched", still(30_000)]]),
    records: [working("treated"), working("held", { phase: "Held", reason: "attempts-exhausted" })],
  };
  expect(buildWard(sight(parts), 1).patients.map((it) => it.node)).toEqual(["held", "treated", "watched"]);
});

test("a repair under way shows its phases, the last without an end", () => {
  const phases = [
    { phase: "Cordoning", startedAtWallMs: now.wallMs - 9_000 },
    { phase: "Fencing", startedAtWallMs: now.wallMs - 4_000 },
  ] as const;
  const [patient] = buildWard(sight({ nodes: [node("n1")], records: [working("n1", { phases })] }), 1).patients;
  expect(patient?.repair?.phases).toEqual([
    { phase: "Cordoning", startedAt: at(-9_000), endedAt: at(-4_000) },
    { phase: "Fencing", startedAt: at(-4_000), endedAt: null },
  ]);
});

test("the timeline has the last 20 repairs of all nodes, newest first, also those without phases", () => {
  const entry = (endedMs: number) => ({
    startedAtWallMs: now.wallMs - endedMs - 1_000,
    endedAtWallMs: now.wallMs - endedMs,
    outcome: "Healed" as const,
    reason: "x",
  });
  const records = ["n1", "n2"].map((name, i) =>
    record({ node: name, history: Array.from({ length: 20 }, (_, k) => entry(60_000 * (20 - k) + i)) }),
  );
  const { timeline } = buildWard(sight({ nodes: [node("n1"), node("n2")], records }), 1);
  expect(timeline).toHaveLength(20);
  expect(timeline[0]).toMatchObject({ node: "n1", endedAt: at(-60_000), phases: [] });
  const ends = timeline.map(({ endedAt }) => endedAt);
  expect(ends).toEqual([...ends].sort().reverse());
});

test("pauses of cluster, node and repair are told with author and end", () => {
  const until = at(60_000);
  const annotations = { "aceso.dev/paused": "racks", "aceso.dev/paused-by": "jane", "aceso.dev/paused-until": until };
  const wishes = { paused: true, reason: "later", requestedBy: "john" };
  const { pauses } = buildWard(
    sight({
      nodes: [node("n1", { annotations }), node("n2")],
      records: [record({ node: "n2", wishes })],
      cluster: { kind: "read", annotations: { "aceso.dev/paused": "true" } },
    }),
    1,
  );
  expect(pauses).toEqual([
    { scope: "cluster", node: null, reason: "no reason given", by: null, until: null },
    { scope: "node", node: "n1", reason: "racks", by: "jane", until },
    { scope: "repair", node: "n2", reason: "later", by: "john", until: null },
  ]);
});

test("an observer tells whom it suspects: each node once, 20 at most, and how many", () => {
  const bad = Array.from({ length: 30 }, (_, i) => node(`bad-${i}`));
  const failing = bad.flatMap((it) => [sees(it, "Endpoint"), sees(it, "Command")]);
  const [told] = buildWard(
    sight({ nodes: bad, observers: [observer("o", { failing, suspectsSelf: true })] }),
    1,
  ).observers;
  expect(told).toMatchObject({ instance: "o", failingCount: 30, suspectsSelf: true, isFresh: true });
  expect(told?.failing).toHaveLength(20);
});

test("of a storm 500 patients are shown and all are counted", () => {
  const nodes = Array.from({ length: 800 }, (_, i) => node(`n${i}`, notReady));
  const ward = buildWard(sight({ nodes, leases: new Map(nodes.map((it) => [it.name, still(30_000)])) }), 1);
  expect(ward.patients).toHaveLength(500);
  expect(ward.nodes.notWell).toBe(800);
  expect(Object.values(ward.nodes.byState).reduce((sum, count) => sum + count, 0)).toBe(800);
});

describe("nodes", () => {
  const built = (parts: ViewParts) => ({ sight: sight(parts), ward: buildWard(sight(parts), 1), text: "" });

  test("are found by a part of the name, sick and well, by name", () => {
    const it = built({
      nodes: [node("b-1"), node("a-1"), node("a-2", notReady)],
      leases: new Map([["a-2", still(30_000)]]),
    });
    expect(nodesPage(it, new URLSearchParams({ search: "A-" }))).toMatchObject({
      total: 2,
      nodes: [
        { name: "a-1", state: "Well", role: "worker" },
        { name: "a-2", state: "Watched" },
      ],
    });
    expect(nodesPage(it, new URLSearchParams({ limit: "1" }))).toMatchObject({ total: 3, nodes: [{ name: "a-1" }] });
    expect(() => nodesPage(it, new URLSearchParams({ limit: "0" }))).toThrow(/limit/);
  });

  test("one by one they say what explain prints as JSON, well ones too", () => {
    const it = built({ nodes: [node("n1")] });
    const known = { asOfWallMs: now.wallMs, leader: "a", config: "a file", notes: ["a note"] };
    expect(nodePage(it, "n1")).toMatchObject(explanationJson(explain(it.sight.view, now, "n1"), known));
    expect(() => nodePage(it, "nobody")).toThrow(/not found/);
  });
});
