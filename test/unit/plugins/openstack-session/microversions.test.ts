import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, isSupported, rangeOf } from "../../../../plugins/shared/openstack/microversions.ts";

test("Nova tells its range in the body, Magnum in headers", () => {
  const nova = { version: { id: "v2.1", version: "2.93", min_version: "2.1" } };
  const magnum = {
    "openstack-api-minimum-version": "container-infra 1.1",
    "openstack-api-maximum-version": "container-infra 1.10",
  };
  expect(rangeOf({}, nova)).toEqual({ min: "2.1", max: "2.93" });
  expect(rangeOf(magnum, { id: "v1" })).toEqual({ min: "1.1", max: "1.10" });
  expect(rangeOf({}, { versions: [{ id: "v1", min_version: "1.1", max_version: "1.10" }] })).toEqual({
    min: "1.1",
    max: "1.10",
  });
});

test.each([undefined, null, "x", {}, { version: { version: "", min_version: "" } }, { versions: [5] }])(
  "%j tells no range",
  (body) => {
    expect(rangeOf({}, body)).toBeUndefined();
  },
);

test("versions are compared as numbers", () => {
  expect(compareVersions("2.9", "2.10")).toBeLessThan(0);
  const version = fc.tuple(fc.nat(9), fc.nat(200));
  fc.assert(
    fc.property(version, version, ([majorA, minorA], [majorB, minorB]) => {
      const order = Math.sign(compareVersions(`${majorA}.${minorA}`, `${majorB}.${minorB}`));
      expect(order).toBe(Math.sign(majorA * 1_000 + minorA - (majorB * 1_000 + minorB)));
    }),
  );
});

test("a version is supported from one end of the range to the other", () => {
  const range = { min: "1.1", max: "1.10" };
  expect(["1.1", "1.9", "1.10"].every((version) => isSupported(range, version))).toBe(true);
  expect(["1.0", "1.11", "2.1"].some((version) => isSupported(range, version))).toBe(false);
  expect(isSupported(undefined, "1.1")).toBe(false);
});
