import { expect, test } from "vitest";
import { judgeVersion } from "../../../src/kube/server-version.ts";

test.each([
  ["1", "23", "none"],
  ["1", "24", "needs-gate"],
  ["1", "25+", "needs-gate"],
  ["1", "26", "built-in"],
  ["1", "36", "built-in"],
  ["2", "1", "unknown"],
  ["", "", "unknown"],
])("version %s.%s: out-of-service %s", (major, minor, expected) => {
  expect(judgeVersion("v", major, minor).outOfService).toBe(expected);
});

test("admission policies are served from 1.30 on", () => {
  expect([judgeVersion("", "1", "29"), judgeVersion("", "1", "30")].map((one) => one.hasAdmissionPolicies)).toEqual([
    false,
    true,
  ]);
});
