import fc from "fast-check";
import { expect, test } from "vitest";
import type { MachineId, NodeFacts } from "../../../src/core/model.ts";
import { Machines } from "../../../src/engine/machines.ts";
import { PowerHints } from "../../../src/engine/power-hints.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { node as nodeFacts } from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

type Hint = (machine: MachineId) => void;

interface RigOptions {
  readonly nodes?: readonly NodeFacts[];
  /** How one watch goes; without it, it lasts until its signal aborts. */
  readonly watch?: (onHint: Hint, signal: AbortSignal, number: number) => Promise<void>;
  readonly identify?: Provider["identify"];
  /** How long following one hint takes. */
  readonly followMs?: number;
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** The node `a` is the machine `m-a`, and so on. */
async function rig({ nodes = ["a", "b"].map((it) => nodeFacts(it)), followMs = 0, ...how }: RigOptions = {}) {
  const clock = new VirtualClock();
  const log = recordingLog();
  const term = new AbortController();
  const all = new Map(nodes.map((it) => [it.name, it]));
  const watches: { readonly hint: Hint; readonly signal: AbortSignal; readonly atMonoMs: number }[] = [];
  const followed: { readonly node: string; readonly atMonoMs: number }[] = [];
  const load = { now: 0, most: 0 };
  const identified: string[] = [];
  const provider: Provider = {
    id: "fake",
    capabilities: ["observe"],
    defaultLadder: () => [],
    async identify(it, signal) {
      identified.push(it.name);
      return how.identify === undefined ? `m-${it.machineAnnotation ?? it.name}` : how.identify(it, signal);
    },
    observe: async () => ({ power: "on", text: "" }),
    watch(hint, signal) {
      watches.push({ hint, signal, atMonoMs: clock.now().monoMs });
      return how.watch === undefined ? until(signal) : how.watch(hint, signal, watches.length);
    },
  };
  const machines = new Machines(provider, clock, log);
  const hints = PowerHints.of(
    { provider, nodes: { nodes: () => all } as never, clock, log },
    machines,
    term.signal,
    follow,
  );
  if (hints === undefined) throw new Error("this provider tells");
  async function follow({ name }: NodeFacts): Promise<void> {
    followed.push({ node: name, atMonoMs: clock.now().monoMs });
    load.now += 1;
    load.most = Math.max(load.most, load.now);
    if (followMs > 0) await clock.sleep(followMs);
    load.now -= 1;
  }
  const over = hints.run();
  hints.nodeChanged(undefined);
  await clock.settle();
  const hint: Hint = (machine) => watches.at(-1)?.hint(machine);
  return { clock, log, term, all, hints, watches, followed, load, identified, machines, hint, over };
}

const namesOf = (followed: readonly { readonly node: string }[]) => followed.map((it) => it.node);

test("a provider that tells of nothing is asked nothing about nodes that are well", () => {
  const clock = new VirtualClock();
  const provider: Provider = {
    id: "fake",
    capabilities: ["observe"],
    defaultLadder: () => [],
    identify: async () => "m",
    observe: async () => ({ power: "on", text: "" }),
  };
  const machines = new Machines(provider, clock, quietLog);
  const world = { provider, nodes: {} as never, clock, log: quietLog };
  expect(PowerHints.of(world, machines, new AbortController().signal, async () => undefined)).toBeUndefined();
});

test("a hint has its node followed at once, and leaves no claim that a repair would go by", async () => {
  const { clock, followed, machines, hint } = await rig();
  hint("m-b");
  await clock.settle();
  expect(followed).toEqual([{ node: "b", atMonoMs: clock.now().monoMs }]);
  expect(machines.claims().size).toBe(0);
});

test("hints of machines that are no node's are ignored", async () => {
  const { clock, followed, identified, hint } = await rig();
  for (const stranger of ["m-other", "", "M-A", undefined as never, 7 as never]) hint(stranger);
  await clock.advance(600_000);
  expect(followed).toEqual([]);
  expect(identified.sort()).toEqual(["a", "b"]);
});

test("a node that leaves, comes, or is said to be another machine is hinted at as what it is now", async () => {
  const { clock, all, hints, followed, hint } = await rig();
  all.delete("a");
  hints.nodeChanged("a");
  all.set("c", nodeFacts("c"));
  hints.nodeChanged("c");
  all.set("b", nodeFacts("b", { annotations: { "aceso.dev/machine": "new" } }));
  hints.nodeChanged("b");
  await clock.settle();
  for (const machine of ["m-a", "m-b", "m-c", "m-new"]) hint(machine);
  await clock.settle();
  expect(namesOf(followed)).toEqual(["c", "b"]);
});

test("a node whose machine nobody knows is asked about again after a minute, not at each of its changes", async () => {
  let isKnown = false;
  const { clock, hints, identified, followed, hint } = await rig({
    nodes: [nodeFacts("a")],
    identify: async () => {
      if (!isKnown) throw new Error("no answer");
      return "m";
    },
  });
  for (let change = 0; change < 10; change += 1) hints.nodeChanged("a");
  await clock.advance(50_000);
  expect(identified).toHaveLength(1);
  isKnown = true;
  await clock.advance(10_000);
  hint("m");
  await clock.settle();
  expect(namesOf(followed)).toEqual(["a"]);
});

test("a storm of hints of many machines is worked off four at a time, and each of them once", async () => {
  const nodes = Array.from({ length: 200 }, (_, index) => nodeFacts(`n${index}`));
  const { clock, followed, load, hint } = await rig({ nodes, followMs: 100 });
  for (let round = 0; round < 50; round += 1) for (const { name } of nodes) hint(`m-${name}`);
  await clock.advance(60_000);
  expect(load.most).toBe(4);
  const count = Map.groupBy(followed, (it) => it.node);
  expect(count.size).toBe(200);
  expect(Math.max(...[...count.values()].map((it) => it.length))).toBeLessThanOrEqual(2);
});

test("whatever the hints: each is followed within half a second or at the next turn, and no node more often than that", async () => {
  const told = fc.record({ waitMs: fc.integer({ min: 0, max: 1_500 }), node: fc.constantFrom("a", "b", "stranger") });
  await fc.assert(
    fc.asyncProperty(fc.array(told, { maxLength: 40 }), fc.integer({ min: 0, max: 3_000 }), async (all, followMs) => {
      const { clock, followed, load, hint, term, over } = await rig({ followMs });
      const hinted: { node: string; atMonoMs: number }[] = [];
      for (const { waitMs, node } of all) {
        await clock.advance(waitMs);
        hinted.push({ node, atMonoMs: clock.now().monoMs });
        hint(`m-${node}`);
        await clock.settle();
      }
      await clock.advance(10_000);
      for (const { node, atMonoMs } of hinted) {
        const after = followed.find((it) => it.node === node && it.atMonoMs >= atMonoMs);
        if (node === "stranger") expect(after).toBeUndefined();
        else expect((after?.atMonoMs ?? Number.NaN) - atMonoMs).toBeLessThanOrEqual(Math.max(500, followMs));
      }
      for (const node of ["a", "b"]) {
        const times = followed.filter((it) => it.node === node).map((it) => it.atMonoMs);
        const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
        expect(Math.min(500, ...gaps)).toBe(500);
      }
      expect(load.most).toBeLessThanOrEqual(2);
      term.abort();
      await over;
    }),
    { numRuns: 60 },
  );
});

test("a watch that throws is begun anew less and less often, at last once a minute, and warned of once", async () => {
  const { clock, watches, log } = await rig({ watch: () => Promise.reject(new Error("the line broke")) });
  await clock.advance(600_000);
  const gaps = watches.slice(1).map((it, index) => it.atMonoMs - (watches[index]?.atMonoMs ?? 0));
  expect(watches.length).toBeLessThan(30);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  expect(Math.min(...gaps.slice(7))).toBeGreaterThanOrEqual(30_000);
  const warnings = log.lines.filter((it) => it.level === "warn");
  expect(warnings.map((it) => it.fields)).toEqual([{ problem: "the line broke" }]);
});

test.each([
  [
    "throws at once",
    () => {
      throw new Error("not today");
    },
    "not today",
  ],
  ["returns nothing", () => undefined as never, "it ended"],
  ["ends", async () => undefined, "it ended"],
])("a watch that %s is begun anew, and the hints of the new one count", async (_what, broken, problem) => {
  const { clock, watches, log, followed, hint } = await rig({
    watch: (_hint, signal, number) => (number < 3 ? broken() : until(signal)),
  });
  await clock.advance(10_000);
  expect(watches).toHaveLength(3);
  hint("m-a");
  await clock.settle();
  expect(namesOf(followed)).toEqual(["a"]);
  expect(log.lines.filter((it) => it.level === "warn").map((it) => it.fields)).toEqual([{ problem }]);
});

test("a watch that held for a minute and breaks again is news again, and is begun anew soon", async () => {
  const ends: (() => void)[] = [];
  const { clock, watches, log } = await rig({ watch: () => new Promise((resolve) => ends.push(resolve)) });
  for (let time = 0; time < 3; time += 1) {
    await clock.advance(120_000);
    ends.at(-1)?.();
    await clock.advance(1_000);
  }
  expect(watches).toHaveLength(4);
  expect(log.lines.filter((it) => it.level === "warn")).toHaveLength(3);
});

test("when the term ends the watch is told, nothing is begun any more, and what it still says is not heard", async () => {
  const { clock, term, watches, followed, hint, over, log } = await rig();
  hint("m-a");
  await clock.settle();
  hint("m-a");
  term.abort();
  await over;
  expect(watches[0]?.signal.aborted).toBe(true);
  hint("m-b");
  await clock.advance(600_000);
  expect([watches.length, namesOf(followed)]).toEqual([1, ["a"]]);
  expect(log.lines).toEqual([]);
});
