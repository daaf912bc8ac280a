import { expect, test } from "vitest";
import type { Action } from "../../../src/core/decide.ts";
import { interlockHold } from "../../../src/core/guards-owner.ts";
import { type Hold, hold } from "../../../src/core/hold.ts";
import { HoldNews } from "../../../src/engine/hold-news.ts";
import type { EventNote } from "../../../src/ports/events.ts";
import * as make from "../../support/core-builders.ts";
import { quietLog } from "../../support/quiet-ports.ts";

function news() {
  const notes: string[] = [];
  const actions = new Set<string>();
  const record = ({ note, action }: EventNote) => {
    notes.push(note);
    actions.add(action);
  };
  const told = new HoldNews({ log: quietLog, events: { record, flush: async () => undefined } });
  const tell = (its: Hold) =>
    told.tell([{ kind: "hold", node: make.node("n1"), hold: its, because: "sick" } as Action]);
  return { notes, actions, tell };
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
