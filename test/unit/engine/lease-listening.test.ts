import { expect, test } from "vitest";
import type { LeaseSight } from "../../../src/core/model.ts";
import { LeaseListening } from "../../../src/engine/lease-listening.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const silenceMs = 25_000;

/** Leases by node; `read` is what a live read brings. */
function rig(read: (before: LeaseSight | undefined, nowMs: number) => LeaseSight | undefined) {
  const clock = new VirtualClock();
  const changedAtMonoMs = clock.now().monoMs - silenceMs;
  const first = { version: "v", changedAtMonoMs, readAtMonoMs: changedAtMonoMs + 20_000, hasMoved: true };
  const sights = new Map<string, LeaseSight | undefined>();
  const asked: string[] = [];
  const nodes = {
    leaseOf: (node: string) => (sights.has(node) ? sights.get(node) : first),
    readLease: async (node: string) => {
      asked.push(node);
      sights.set(node, read(nodes.leaseOf(node), clock.now().monoMs));
      return sights.get(node);
    },
  };
  const listening = new LeaseListening(nodes, clock, new AbortController().signal);
  return { clock, asked, hear: (...names: string[]) => listening.hear(names, silenceMs) };
}

test("a read that shows nothing new is no news", async () => {
  const it = rig((before) => before);
  expect(await it.hear("a")).toBe(false);
});

test("a Lease found still past the silence, one that moved and one that is gone are news", async () => {
  expect(await rig((before, now) => before && { ...before, readAtMonoMs: now }).hear("a")).toBe(true);
  const moved = rig((before, now) => before && { ...before, version: "w", changedAtMonoMs: now, readAtMonoMs: now });
  expect(await moved.hear("a")).toBe(true);
  expect(await rig(() => undefined).hear("a")).toBe(true);
});

test("a failed read is no news", async () => {
  const it = rig(() => {
    throw new Error("away");
  });
  expect(await it.hear("a")).toBe(false);
});

test("one node is read at most once a second, whatever happens", async () => {
  const it = rig((before) => before);
  for (let times = 0; times < 50; times += 1) {
    await it.hear("a", "b");
    await it.clock.advance(20);
  }
  expect(it.asked).toEqual(["a", "b"]);
  await it.hear("a");
  expect(it.asked).toEqual(["a", "b", "a"]);
});

test("of very many nodes, those that had no turn are next", async () => {
  const it = rig((before) => before);
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
  await it.hear(...names);
  await it.hear(...names);
  expect(it.asked).toEqual(names);
});
