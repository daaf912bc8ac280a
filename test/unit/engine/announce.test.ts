import { expect, test } from "vitest";
import { eventReasons } from "../../../src/core/event-reasons.ts";
import { hold } from "../../../src/core/hold.ts";
import { outcomes, type RepairRecord, workPhases } from "../../../src/core/record.ts";
import { withHold } from "../../../src/core/record-changes.ts";
import { announce } from "../../../src/engine/announce.ts";
import type { Shift } from "../../../src/engine/world.ts";
import type { EventNote } from "../../../src/ports/events.ts";
import * as make from "../../support/core-builders.ts";
import { quietLog, quietMeter } from "../../support/quiet-ports.ts";

/** Announces one record after the other. */
function told(...records: readonly RepairRecord[]): EventNote[] {
  const notes: EventNote[] = [];
  const events = { record: (note: EventNote) => notes.push(note), flush: async () => undefined };
  // as: all that announce() takes of a shift
  const shift = { log: quietLog, meter: quietMeter, events } as unknown as Shift;
  for (const [index, record] of records.entries()) announce(shift, records[index - 1], record);
  return notes;
}

const fencing = make.record({ phase: "Fencing", reason: "entered", message: "cordoned" });
const holding = (reason: "paused" | "provider-unknown") => withHold(fencing, reason, hold(reason).message);

test("each new reason to hold within a phase is an Event of its own, with its record and its reason", () => {
  const notes = told(fencing, holding("paused"), holding("provider-unknown"), holding("provider-unknown"));
  expect(notes.map(({ reason, action, hold: why }) => [reason, action, why])).toEqual([
    ["RepairFencing", "Fencing", undefined],
    ["RepairHeldBack", "Fencing-paused", "paused"],
    ["RepairHeldBack", "Fencing-provider-unknown", "provider-unknown"],
  ]);
  expect(notes.map(({ record }) => record?.reason)).toEqual(["entered", "paused", "provider-unknown"]);
});

test("a reason that comes again after another is told again, under the same name", () => {
  const notes = told(fencing, holding("paused"), withHold(fencing, "waiting", "it goes on"), holding("paused"));
  expect(notes.filter(({ action }) => action === "Fencing-paused")).toHaveLength(2);
});

test.each([...workPhases, ...outcomes])("%s is told in a sentence about the node, with what led to it", (phase) => {
  const [note] = told(make.record({ phase, reason: "entered", message: "it came to this" }));
  expect(note?.note).toMatch(/^n1 (is|was|came) .+ \(it came to this/);
  expect(note?.note.length).toBeLessThan(512);
  expect(note).toMatchObject({ reason: `Repair${phase}`, type: eventReasons[`Repair${phase}`].type });
});

test("another repair of the same node in the same phase is news", () => {
  expect(told(fencing, { ...fencing, id: "another" })).toHaveLength(2);
});
