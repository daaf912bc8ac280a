import { expect, test } from "vitest";
import { messageOf } from "../../../src/core/errors.ts";

test("a host whose addresses all failed has a message: what each of them said, once", () => {
  const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`);
  const all = new AggregateError([refused("::1"), refused("127.0.0.1"), refused("::1")]);
  expect(messageOf(all)).toBe("connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1");
  expect(messageOf(new AggregateError([refused("::1")], "all failed"))).toBe("all failed");
  expect(messageOf("thrown text")).toBe("thrown text");
});
