import { expect, test } from "vitest";
import { compareWithDisk, type DiskState, diskStateText } from "../../../src/config/reload.ts";
import { loadText } from "../../support/config-loading.ts";

const running = "dry-run: true\n";
const noon = Date.UTC(2026, 6, 1, 12);
const compare = (disk: string, before: DiskState = { kind: "same" }, nowWallMs = noon) =>
  compareWithDisk({ running, disk, before, nowWallMs, validate: loadText });

test("the same text is no difference, also after there was one", () => {
  expect(compare(running)).toEqual({ kind: "same" });
  expect(compare(running, compare("dry-run: false\n"))).toEqual({ kind: "same" });
  expect(diskStateText({ kind: "same" })).toBeUndefined();
});

test("a good change names when it was seen first and how it takes effect", () => {
  expect(diskStateText(compare("dry-run: false\n"))).toBe(
    "configuration on disk differs from running since 2026-07-01T12:00:00.000Z; it takes effect with kubectl rollout restart",
  );
});

test("a bad change says every problem", () => {
  const said = diskStateText(compare("dry-run: no\nsilence: 5\n"));
  expect(said).toContain("would be refused: config.yaml:1:1 dry-run: expected true or false\nconfig.yaml:2:1 silence");
});

test("an unchanged difference is neither validated again nor grows younger", () => {
  const first = compare("dry-run: no\n");
  const validate = () => {
    throw new Error("validated twice");
  };
  expect(compareWithDisk({ running, disk: "dry-run: no\n", before: first, nowWallMs: noon + 60_000, validate })).toBe(
    first,
  );
});

test("a second change keeps the time since which disk and process differ", () => {
  const second = compare("dry-run: false\n", compare("dry-run: no\n"), noon + 60_000);
  expect(second).toMatchObject({ sinceWallMs: noon, problem: undefined });
});

test("a bug while validating is not taken for a bad file", () => {
  const validate = () => {
    throw new TypeError("bug");
  };
  expect(() => compareWithDisk({ running, disk: "x", before: { kind: "same" }, nowWallMs: noon, validate })).toThrow(
    TypeError,
  );
});
