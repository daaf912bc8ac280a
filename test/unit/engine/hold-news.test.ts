import { expect, test } from "vitest";
import type { Action } from "../../../src/core/decide.ts";
import { interlockHold } from "../../../src/core/guards-owner.ts";
import { type Hold, hold } from "../../../src/core/hold.ts";
import type { ClusterView } from "../../../src/core/view.ts";
import { HoldNews } from "../../../src/engine/hold-news.ts";
import type { EventNote } from "../../../src/ports/events.ts";
import * as make from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";

function news(records: ClusterView["records"] = new Map()) {
  const notes: string[] = [];
  const actions = new Set<string>();
  const earlier: unknown[] = [];
  const record = ({ note, action, earlierUid }: EventNote) => {
    notes.push(note);
    actions.add(action);
    earlier.push(earlierUid);
  };
  const told = new HoldNews({ log: quietLog, events: { record, flush: async () => undefined } });
  const tell = (its: Hold) =>
    told.tell([{ kind: "hold", node: make.node("n1"), hold: its, because: "sick" } as Action], { records });
  return { notes, actions, earlier, tell };
}

test("a new reason is told once, and again when another came between", () => {
  const { notes, actions, tell } = news();
  for (const reason of ["paused", "paused", "startup-delay", "paused"] as const) tell(hold(reason));
  expect(notes.map((note) => note.split(":")[0])).toEqual(["paused", "startup-delay", "paused"]);
  expect(actions.size, "two reasons are not one series of Events").toBe(2);
});

test("an owner that has not answered yet is no news; its answer is", () => {
  const { notes, tell } = news();
  const unanswered = interlockHold({ interlocks: new Map() }, make.node("n1").name, ["everything"]);
  if (unanswered === undefined) throw new Error("no hold");
  tell(unanswered);
  expect(notes).toEqual([]);
  tell(hold("interlock", "stack k8s is UPDATE_IN_PROGRESS."));
  expect(notes).toEqual([expect.stringContaining("stack k8s is UPDATE_IN_PROGRESS")]);
});

test("a node that was repaired before has it told at its NodeRepair, too", () => {
  const record = make.record({ phase: "Healed", objectUid: "nr-1" });
  const { earlier, tell } = news(new Map([["n1", { kind: "record", record }]]));
  tell(hold("paused"));
  expect(earlier).toEqual(["nr-1"]);
});
