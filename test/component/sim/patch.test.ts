import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameJson } from "../../sim/kube/object.ts";
import { mergePatch, strategicMergePatch } from "../../sim/kube/patch.ts";

describe("merge patch", () => {
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("of %j with %j is %j (RFC 7396, appendix A)", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  test("applied twice is the same as once, and changes neither target nor patch", () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        const once = mergePatch(target, patch);
        expect(isSameJson(mergePatch(once, patch), once)).toBe(true);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });
});

describe("strategic merge patch", () => {
  test("merges conditions by type and replaces taints", () => {
    const target = {
      spec: { taints: [{ key: "a" }] },
      status: { conditions: [{ type: "A", status: "True", reason: "R" }] },
    };
    const patch = {
      spec: { taints: [{ key: "b" }] },
      status: { conditions: [{ type: "A", status: "False" }, { type: "B" }] },
    };
    expect(strategicMergePatch(target, patch)).toEqual({
      spec: { taints: [{ key: "b" }] },
      status: { conditions: [{ type: "A", status: "False", reason: "R" }, { type: "B" }] },
    });
  });

  test("removes a list item by directive", () => {
    const target = { status: { conditions: [{ type: "A" }, { type: "B" }] } };
    const patch = { status: { conditions: [{ type: "A", $patch: "delete" }] } };
    expect(strategicMergePatch(target, patch)).toEqual({ status: { conditions: [{ type: "B" }] } });
  });
});
