import fc from "fast-check";
import { expect, test } from "vitest";
import { healthReason, toPythonDict } from "../../../../plugins/providers/openstack/health-reason.ts";

const report = fc
  .array(
    fc.record({
      node: fc.string({ unit: "binary", minLength: 1 }),
      reason: fc.string({ unit: "binary", maxLength: 400 }),
    }),
    { maxLength: 80 },
  )
  .map((ill) => ({ ill, nodes: ill.length + 3 }));

test("whatever nodes are called and reasons say, Magnum gets printable text of bounded length", () => {
  fc.assert(
    fc.property(report, (it) => {
      const text = toPythonDict(healthReason(it));
      // The escapes that JSON and Python write alike, and nothing else.
      expect(text).toMatch(/^(?:[\x20-\x5b\x5d-\x7e]|\\["\\])*$/);
      expect(Object.keys(healthReason(it)).length).toBeLessThanOrEqual(53);
      for (const value of Object.values(healthReason(it))) expect(value.length).toBeLessThanOrEqual(200);
    }),
  );
});

test("a healthy and an ill cluster", () => {
  expect(healthReason({ ill: [], nodes: 3 })).toEqual({ api: "ok", nodes: "3 of 3 healthy" });
  const ill = [{ node: "node-1", reason: 'Kubelet stopped "posting"' }];
  expect(toPythonDict(healthReason({ ill, nodes: 3 }))).toBe(
    '{"api":"ok","nodes":"2 of 3 healthy","node-1.Ready":"Kubelet stopped \\"posting\\""}',
  );
});

test("more ill nodes than can be shown are counted", () => {
  const ill = Array.from({ length: 60 }, (_, index) => ({ node: `n${index}`, reason: "silent" }));
  expect(healthReason({ ill, nodes: 100 })).toMatchObject({ more: "10 more", nodes: "40 of 100 healthy" });
});
