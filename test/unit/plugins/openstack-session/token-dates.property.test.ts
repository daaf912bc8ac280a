import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTokenDate, tokenLifetimeMs } from "../../../../plugins/shared/openstack/token-dates.ts";

const date = fc.date({
  min: new Date("2020-01-01T00:00:00Z"),
  max: new Date("2099-12-31T00:00:00Z"),
  noInvalidDate: true,
});

describe("dates of tokens", () => {
  test("with and without Z are the same point in time, UTC", () => {
    fc.assert(
      fc.property(date, (at) => {
        const text = at.toISOString();
        expect(parseTokenDate(text)).toBe(at.getTime());
        expect(parseTokenDate(text.slice(0, -1))).toBe(at.getTime());
        expect(parseTokenDate(text.replace("Z", "+00:00"))).toBe(at.getTime());
      }),
    );
  });

  test.each([
    ["2026-11-21T23:17:52.000000Z", Date.UTC(2026, 10, 21, 23, 17, 52)],
    ["2026-11-21T22:17:57.146399", Date.UTC(2026, 10, 21, 22, 17, 57, 146)],
    ["2026-11-21T22:17:57", Date.UTC(2026, 10, 21, 22, 17, 57)],
    ["2026-11-22T00:17:57.5+0200", Date.UTC(2026, 10, 21, 22, 17, 57, 500)],
  ])("%s is read to the millisecond", (text, ms) => {
    expect(parseTokenDate(text)).toBe(ms);
  });

  test.each(["", "soon", "2026-11-21", "2026-13-21T22:17:57Z", "1763763477", undefined, null, 5])(
    "%j is no date",
    (value) => {
      expect(parseTokenDate(value)).toBeUndefined();
    },
  );
});

describe("the lifetime of a token", () => {
  test("is the time between its two dates, whatever the writer's clock says of today", () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 0, max: 86_400_000 }), (issued, lifeMs) => {
        const expires = new Date(issued.getTime() + lifeMs).toISOString().slice(0, -1);
        expect(tokenLifetimeMs({ issued_at: issued.toISOString(), expires_at: expires })).toBe(lifeMs);
      }),
    );
  });

  test("is never negative, and five minutes where the dates cannot be read", () => {
    expect(tokenLifetimeMs({ issued_at: "2026-01-02T00:00:00Z", expires_at: "2026-01-01T00:00:00Z" })).toBe(0);
    expect(tokenLifetimeMs({ expires_at: "2026-01-01T00:00:00Z" })).toBe(300_000);
    expect(tokenLifetimeMs({})).toBe(300_000);
  });
});
