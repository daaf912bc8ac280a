import fc from "fast-check";
import { expect, test } from "vitest";
import { ServerTime } from "../../../src/page/server-time.ts";

test("before the server has told its time there is none", () => {
  expect(new ServerTime().nowMs(1)).toBeUndefined();
});

test("a time that cannot be read changes nothing", () => {
  const time = new ServerTime();
  time.hear(1_000, 0);
  time.hear(Number.NaN, 0);
  expect(time.nowMs(10)).toBe(1_010);
});

test("however late messages arrive, time does not go back, and is late by the least delay", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1 }), (serverMs, delaysMs) => {
      const time = new ServerTime();
      let lastMs = Number.NEGATIVE_INFINITY;
      delaysMs.forEach((delayMs, index) => {
        const sentMs = index * 5_000;
        time.hear(serverMs + sentMs, sentMs + delayMs);
        const nowMs = time.nowMs(sentMs + delayMs) ?? Number.NaN;
        expect(nowMs).toBeGreaterThanOrEqual(lastMs);
        lastMs = nowMs;
      });
      expect(time.nowMs(0)).toBe(serverMs - Math.min(...delaysMs));
    }),
  );
});

test("a server whose clock was set is believed", () => {
  const time = new ServerTime();
  time.hear(1_000_000, 0);
  time.hear(400_000, 10);
  expect(time.nowMs(10)).toBe(400_000);
});
