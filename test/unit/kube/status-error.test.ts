import { describe, expect, test } from "vitest";
import { retryWaitMs, type Tries } from "../../../src/kube/retry-rule.ts";
import { errorOf, type Failure, failureOf } from "../../../src/kube/status-error.ts";

const fresh: Tries = { unauthorized: 0, unsent: 0, lost: 0, waits: 0 };
const failure = (method: string, status: number, more: Partial<Failure> = {}): Failure => ({
  ...failureOf(method, "/x", status, ""),
  ...more,
});
const answer = (method: string, status: number, more: Partial<Failure> = {}) =>
  ({ kind: "answer", failure: failure(method, status, more) }) as const;

describe("an answer", () => {
  test("in JSON gives reason, words and causes", () => {
    const body = JSON.stringify({
      kind: "Status",
      reason: "TooManyRequests",
      message: "Cannot evict pod",
      details: { causes: [{ reason: "DisruptionBudget" }], retryAfterSeconds: 10 },
    });
    expect(failureOf("POST", "/x", 429, body)).toMatchObject({
      reason: "TooManyRequests",
      text: "Cannot evict pod",
      causes: ["DisruptionBudget"],
      retryAfterMs: 10_000,
    });
  });

  test("in plain text gives its beginning, and the header its time", () => {
    const read = failureOf("GET", "/x", 429, `Too many requests${"!".repeat(5_000)}`, "2");
    expect([read.text.length, read.retryAfterMs, read.reason]).toEqual([512, 2_000, ""]);
  });

  test.each(["null", "7", '"text"', "[]", '{"details":{"causes":{}}}', '{"details":7,"message":{}}', "{"])(
    "that is odd (%s) is read without harm",
    (body) => {
      expect(failureOf("GET", "/x", 500, body, "soon")).toMatchObject({
        status: 500,
        causes: [],
        retryAfterMs: undefined,
      });
    },
  );

  test("becomes one line: what was tried, on what, what came back, what to do", () => {
    const error = errorOf(failureOf("PATCH", "/api/v1/nodes/n1", 409, '{"reason":"Conflict","message":"modified"}'));
    expect(error.message).toBe("PATCH /api/v1/nodes/n1: 409 Conflict modified; read again and decide anew");
  });
});

describe("a call is tried again", () => {
  test.each(["POST", "PATCH", "DELETE"])("as a write (%s) only when the server surely did nothing", (method) => {
    const lost = { kind: "lost", failure: failure(method, 0), cause: undefined } as const;
    const unsent = { kind: "unsent", failure: failure(method, 0), cause: undefined } as const;
    expect(retryWaitMs(lost, fresh, 3, true)).toBe(undefined);
    for (const status of [500, 502, 503, 504])
      expect(retryWaitMs(answer(method, status), fresh, 3, true)).toBe(undefined);
    expect(retryWaitMs(unsent, fresh, 3, true)).toBe(0);
    expect(retryWaitMs(answer(method, 401), fresh, 1, true)).toBe(0);
    expect(retryWaitMs(answer(method, 429, { retryAfterMs: 1_000 }), fresh, 1, true)).toBe(1_000);
  });

  test("never for ever", () => {
    const tired: Tries = { unauthorized: 1, unsent: 9, lost: 9, waits: 9 };
    const lost = { kind: "lost", failure: failure("GET", 0), cause: undefined } as const;
    const unsent = { kind: "unsent", failure: failure("GET", 0), cause: undefined } as const;
    for (const attempt of [lost, unsent, answer("GET", 401), answer("GET", 429), answer("GET", 503)]) {
      expect(retryWaitMs(attempt, tired, 3, true)).toBe(undefined);
    }
  });

  test("after at most 10 s, whatever the server wishes", () => {
    expect(retryWaitMs(answer("GET", 429, { retryAfterMs: 3_600_000 }), fresh, 1, true)).toBe(10_000);
  });

  test("not when the caller wants the 429 itself", () => {
    expect(retryWaitMs(answer("POST", 429), fresh, 1, false)).toBe(undefined);
  });
});
