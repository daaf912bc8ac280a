import fc from "fast-check";
import { expect, test } from "vitest";
import { isPassing, retryAfterMs, retryWaitMs } from "../../../../plugins/shared/openstack/retry-rule.ts";

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

test("Retry-After is seconds or a date, and never a wait into the past", () => {
  expect(retryAfterMs("3", now)).toBe(3_000);
  expect(retryAfterMs(" 0 ", now)).toBe(0);
  expect(retryAfterMs("Thu, 01 Jan 2026 12:00:07 GMT", now)).toBe(7_000);
  expect(retryAfterMs("Thu, 01 Jan 2026 11:00:00 GMT", now)).toBe(0);
});

test.each(["", "soon", "-1", "1.5", "2026-01-01T12:00:07Z", undefined])("Retry-After %j says nothing", (text) => {
  expect(retryAfterMs(text, now)).toBeUndefined();
});

test("waits double, with half of each left to chance, and end after four", () => {
  expect([1, 2, 3, 4, 5].map((tries) => retryWaitMs(tries, undefined, now, () => 1))).toEqual([
    500,
    1_000,
    2_000,
    4_000,
    undefined,
  ]);
  expect(retryWaitMs(1, undefined, now, () => 0)).toBe(250);
});

test("what the service asks for is waited, unless it is more than a minute", () => {
  expect(retryWaitMs(1, "60", now)).toBe(60_000);
  expect(retryWaitMs(1, "61", now)).toBeUndefined();
});

test("no header makes a read wait longer than a minute or try more than five times", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.option(fc.string(), { nil: undefined }), (tries, header) => {
      const waitMs = retryWaitMs(tries, header, now);
      expect(waitMs === undefined || (tries <= 4 && waitMs >= 0 && waitMs <= 60_000)).toBe(true);
    }),
  );
});

test("429, 502, 503 and 504 pass; 500 does not, because it may be the request's own fault", () => {
  expect([429, 502, 503, 504].filter(isPassing)).toEqual([429, 502, 503, 504]);
  expect([200, 400, 401, 404, 409, 500, 501].filter(isPassing)).toEqual([]);
});
