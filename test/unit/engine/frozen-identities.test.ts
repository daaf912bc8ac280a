import { expect, test } from "vitest";
import { FrozenIdentities } from "../../../src/engine/frozen-identities.ts";
import { node } from "../../support/core-builders.ts";

const ready = (status: string) => [{ type: "Ready", status, reason: "", changedAtMonoMs: 0 }];

test("a system UUID that changes while the node is not Ready is told, until it is back or the node is Ready again", () => {
  const frozen = new FrozenIdentities();
  frozen.note("n1", node("n1", { systemUUID: "a", conditions: ready("True") }));
  frozen.note("n1", node("n1", { systemUUID: "b", conditions: ready("Unknown") }));
  expect([...frozen.changed]).toEqual(["n1"]);
  frozen.note("n1", node("n1", { systemUUID: "a", conditions: ready("Unknown") }));
  expect([...frozen.changed]).toEqual([]);
  frozen.note("n1", node("n1", { systemUUID: "b", conditions: ready("True") }));
  frozen.note("n1", node("n1", { systemUUID: "b", conditions: ready("False") }));
  expect([...frozen.changed]).toEqual([]);
});

test("an explicit mapping that appears while the node is not Ready is not believed", () => {
  const frozen = new FrozenIdentities();
  frozen.note("n1", node("n1", { conditions: ready("True") }));
  frozen.note("n1", node("n1", { conditions: ready("False"), annotations: { "aceso.dev/machine": "db-1" } }));
  expect(frozen.changed.has("n1")).toBe(true);
});

test("a Node made anew, or one that this leader never saw Ready, has nothing to compare with", () => {
  const frozen = new FrozenIdentities();
  frozen.note("n1", node("n1", { uid: "u1", systemUUID: "a", conditions: ready("True") }));
  frozen.note("n1", node("n1", { uid: "u2", systemUUID: "b", conditions: ready("False") }));
  expect(frozen.changed.size).toBe(0);
});
