import { expect, test } from "vitest";
import { press } from "../../demo/keys.ts";

test("a digit pulls the plug of that machine, after h it makes the machine hang", () => {
  expect(press("3", false, 6)).toEqual({ wish: { kind: "plug", machine: 2 }, isHangNext: false });
  expect(press("h", false, 6)).toEqual({ isHangNext: true });
  expect(press("6", true, 6)).toEqual({ wish: { kind: "hang", machine: 5 }, isHangNext: false });
});

test("h twice, a digit without machine and any other key do nothing", () => {
  for (const key of ["7", "0", "x", "\u001b", " "]) expect(press(key, true, 6)).toEqual({ isHangNext: false });
  expect(press("h", true, 6)).toEqual({ isHangNext: false });
});

test("p, l, q and Ctrl-C", () => {
  const kinds = ["p", "L", "q", "\u0003"].map((key) => press(key, false, 6).wish?.kind);
  expect(kinds).toEqual(["pause", "kill-leader", "quit", "quit"]);
});
