import { expect, test } from "vitest";
import { differences, plainLine, progressText } from "../../demo/plain.ts";
import { aPicture, nodePicture, repairingPicture } from "./a-picture.ts";

test("a line says when, who and what, on one line", () => {
  const line = plainLine({ atWallMs: 12_340, who: "you", text: "one\r\ntwo" }, 10_000);
  expect(line).toBe("   2.3 s  you       one two");
});

test("only what changed on nodes, machines and pods is told", () => {
  const before = aPicture({ nodes: [nodePicture("a", { pods: ["db-0", "web-1"] }), nodePicture("b")] });
  const lost = nodePicture("a", { machine: "off", ready: "Unknown", marks: ["cordon"], pods: ["db-0-", "web-1?"] });
  const after = aPicture({ nodes: [lost, nodePicture("b", { pods: ["web-1"] })] });
  expect(differences(before, after)).toEqual([
    "the machine of a is off",
    "a is Unknown",
    "a is marked: cordon",
    "web-1 runs on b",
  ]);
  expect(differences(after, after)).toEqual([]);
});

test("who proves the machine off is told once, with the owner's own words", () => {
  const repairing = repairingPicture();
  const told = ["exec says of vm-worker-1: power off"];
  expect(differences(aPicture({ nodes: repairing.nodes }), repairing)).toEqual(told);
  const { repair } = repairing;
  if (repair === undefined) throw new Error("no repair");
  const readAgain = { ...repairing, repair: { ...repair, evidence: [...repair.evidence, ...repair.evidence] } };
  expect(differences(repairing, readAgain)).toEqual([]);
});

test("progress names phase and remaining time while there is any", () => {
  expect(progressText(repairingPicture())).toBe("worker-1: Releasing, about 15 s left");
  expect(progressText(aPicture())).toBeUndefined();
});
