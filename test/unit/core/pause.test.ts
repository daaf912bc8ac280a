import fc from "fast-check";
import { expect, test } from "vitest";
import { pauseOf, readPause } from "../../../src/core/pause.ts";
import { node, now, record, view } from "../../support/core-builders.ts";

const isPaused = (annotations: Record<string, string>, wallMs = now.wallMs) =>
  readPause(annotations, "node", wallMs) !== undefined;
const until = (ms: number) => new Date(now.wallMs + ms).toISOString();

test.each<[string, Record<string, string>, boolean]>([
  ["nothing", {}, false],
  ["true", { "aceso.dev/paused": "true" }, true],
  ["any text", { "aceso.dev/paused": "moving racks" }, true],
  ["no text", { "aceso.dev/paused": "" }, true],
  ["False, which is not false", { "aceso.dev/paused": "False" }, true],
  ["false", { "aceso.dev/paused": "false" }, false],
  ["false with an end", { "aceso.dev/paused": "false", "aceso.dev/paused-until": until(60_000) }, false],
  ["an end to come", { "aceso.dev/paused": "x", "aceso.dev/paused-until": until(1) }, true],
  ["an end alone", { "aceso.dev/paused-until": until(1) }, true],
  ["an end gone by", { "aceso.dev/paused": "x", "aceso.dev/paused-until": until(0) }, false],
  ["an unreadable end", { "aceso.dev/paused": "x", "aceso.dev/paused-until": "tomorrow" }, true],
  ["a day without time", { "aceso.dev/paused": "x", "aceso.dev/paused-until": "2020-01-01" }, true],
  ["a month that does not exist", { "aceso.dev/paused-until": "2020-13-01T00:00:00Z" }, true],
])("%s: paused is decided as people mean it", (_, annotations, expected) => {
  expect(isPaused(annotations)).toBe(expected);
});

test("any end that is not a moment means paused without end", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (text) => {
      fc.pre(!/^\d{4}-\d\d-\d\d[Tt]/.test(text));
      expect(isPaused({ "aceso.dev/paused-until": text })).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("a wall clock that jumps ends no pause: only the cautious clock is asked", () => {
  const of = node("n1", { annotations: { "aceso.dev/paused": "x", "aceso.dev/paused-until": until(60_000) } });
  expect(pauseOf(of, undefined, view({ cautiousWallMs: now.wallMs }))?.scope).toBe("node");
});

test("the widest pause answers: cluster before node before repair, an unreadable DaemonSet before all", () => {
  const of = node("n1", { annotations: { "aceso.dev/paused": "x" } });
  const wish = record({ wishes: { paused: true, reason: "later" } });
  const cluster = { kind: "read", annotations: { "aceso.dev/paused": "all" } } as const;
  expect(pauseOf(of, wish, view({ cluster }))?.text).toBe("all");
  expect(pauseOf(of, wish, view())?.scope).toBe("node");
  expect(pauseOf(node(), wish, view())).toMatchObject({ scope: "repair", text: "later" });
  expect(pauseOf(node(), record(), view({ cluster: { kind: "unreadable", problem: "403" } }))?.scope).toBe("cluster");
  expect(pauseOf(node(), record(), view())).toBeUndefined();
});
