import { expect, test } from "vitest";
import { ReviewCache } from "../../../src/http/review-cache.ts";
import type { Person, Reviews } from "../../../src/ports/reviews.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const jane: Person = { name: "jane", uid: "1", groups: [], extra: {} };
const patch = { kind: "resource", group: "", resource: "nodes", verb: "patch" } as const;
const { signal } = new AbortController();

/** An API server that knows jane's token; it counts what it is asked. */
function reviews(answer: () => Promise<void> = async () => undefined) {
  const asked: string[] = [];
  const it: Reviews = {
    async whose(token) {
      asked.push(token);
      await answer();
      return token === "janes" ? jane : undefined;
    },
    async may(person, right) {
      asked.push(`${person.name} ${right.verb}`);
      await answer();
      return right.verb === "patch";
    },
  };
  return { asked, it };
}

test("a question is asked once in ten seconds, whatever its answer", async () => {
  const clock = new VirtualClock();
  const { asked, it } = reviews();
  const cache = new ReviewCache(it, clock);
  for (let i = 0; i < 3; i++) {
    expect(await cache.whose("janes", signal)).toEqual(jane);
    expect(await cache.whose("nobodys", signal)).toBeUndefined();
    expect(await cache.may(jane, patch, signal)).toBe(true);
  }
  expect(asked).toEqual(["janes", "nobodys", "jane patch"]);
  await clock.advance(10_000);
  await cache.whose("janes", signal);
  expect(asked).toHaveLength(4);
});

test("what one may and another may not is not mixed up", async () => {
  const cache = new ReviewCache(reviews().it, new VirtualClock());
  expect(await cache.may(jane, patch, signal)).toBe(true);
  expect(await cache.may(jane, { ...patch, verb: "delete" }, signal)).toBe(false);
});

test("a flood of tokens is reviewed eight at a time, the others are turned away", async () => {
  const gate = Promise.withResolvers<void>();
  const { asked, it } = reviews(() => gate.promise);
  const cache = new ReviewCache(it, new VirtualClock());
  const calls = Array.from({ length: 50 }, async (_, i) => cache.whose(`t${i}`, signal));
  const settled = Promise.allSettled(calls);
  gate.resolve();
  const refused = (await settled).filter((each) => each.status === "rejected");
  expect([asked.length, refused.length]).toEqual([8, 42]);
  expect(refused[0]?.reason).toMatchObject({ status: 429 });
  expect(await cache.whose("janes", signal)).toEqual(jane);
});

test("it forgets the oldest of many answers", async () => {
  const { asked, it } = reviews();
  const cache = new ReviewCache(it, new VirtualClock());
  for (let i = 0; i < 300; i++) await cache.whose(`t${i}`, signal);
  await cache.whose("t299", signal);
  expect(asked).toHaveLength(300);
  await cache.whose("t0", signal);
  expect(asked).toHaveLength(301);
});

test("a question that could not be asked is asked again, and is nobody's fault who visits", async () => {
  let isDown = true;
  const { asked, it } = reviews(async () => {
    if (isDown) throw new Error("ECONNREFUSED to https://10.0.0.1 with a secret");
  });
  const cache = new ReviewCache(it, new VirtualClock());
  const refusal = await cache.whose("janes", signal).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ status: 503 });
  expect(String(refusal)).not.toContain("secret");
  isDown = false;
  expect(await cache.whose("janes", signal)).toEqual(jane);
  expect(asked).toHaveLength(2);
});
