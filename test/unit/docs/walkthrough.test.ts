import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventOfPhase, eventReasons } from "../../../src/core/event-reasons.ts";
import { holdReasons } from "../../../src/core/hold.ts";
import { holdAdvice } from "../../../src/core/hold-advice.ts";
import { phaseTexts } from "../../../src/core/phase-texts.ts";
import { effects, outcomes, workPhases } from "../../../src/core/record.ts";
import { eventsOf, logLinesOf, readWalkthrough } from "../../support/walkthrough.ts";

const root = new URL("../../../", import.meta.url);
const page = await readWalkthrough();

/** Texts that the sources can say, as patterns: whatever is put in stands for any text. */
async function sayings(): Promise<readonly RegExp[]> {
  const folders = ["src", "plugins"].map(async (folder) => {
    const names = await readdir(new URL(folder, root), { recursive: true });
    const files = names.filter((name) => name.endsWith(".ts"));
    return Promise.all(files.map((name) => readFile(new URL(`${folder}/${name}`, root), "utf8")));
  });
  const text = (await Promise.all(folders)).flat().join("\n");
  const literals = [...text.matchAll(/"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\\n]|\\.)+)`/g)].map(
    ([, plain, made]) => plain ?? made,
  );
  return literals.flatMap((literal = "") => {
    const fixed = literal.split(/\$\{[^}]*\}/);
    // a text of nothing but what is put in would stand for everything
    const isTelling = fixed.length === 1 || fixed.join("").replace(/\W/g, "").length >= 6;
    return isTelling ? [new RegExp(`^${fixed.map(escaped).join(".+")}$`)] : [];
  });
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

const known = await sayings();
const isSaid = (text: string) => known.some((pattern) => pattern.test(text));

/** What of a text the program cannot say. A finding is told as `Check: message`, several with `; ` between. */
function unsaid(text: string): readonly string[] {
  const parts = text.split("; ").map((part) => /^(NodeLease|NodeCondition): (.+)$/.exec(part)?.[2]);
  const messages = parts.includes(undefined) ? [text] : parts.map((part = "") => part);
  // a condition's words are the node's own
  return messages.filter((message) => !isSaid(message) && !/^\w+=\w+ \(\w+\)$/.test(message));
}

const lines = logLinesOf(page).map(({ time, msg }) => [time, msg] as const);

test.each(lines)("the line of %s is one that the program can log: %s", (_, msg) => {
  const [, phase, why] = /^\S+ (?:enters|in) (\w+): (.+)$/.exec(msg) ?? [];
  const [, effect, what] = /^(\S+) on \S+: (.+)$/.exec(msg) ?? [];
  if (phase === undefined) expect(effects).toContain(effect);
  else expect([...workPhases, ...outcomes]).toContain(phase);
  expect(unsaid(why ?? what ?? "")).toEqual([]);
});

test("its events are events that the program writes, with notes that it can write", () => {
  const events = eventsOf(page);
  expect(events.length).toBeGreaterThan(10);
  for (const [type, reason = "", note = ""] of events) {
    expect(eventReasons).toHaveProperty(reason, expect.objectContaining({ type }));
    const phase = [...workPhases, ...outcomes].find((it) => eventOfPhase(it) === reason);
    if (phase === undefined) {
      const [, hold = "", particulars = ""] = /^([a-z-]+): (.+)$/.exec(note) ?? [];
      expect(holdReasons).toHaveProperty(hold, particulars.replace(/ …$/, ""));
      continue;
    }
    const [, doing = "", why = ""] = /^worker-\d (.+?) \((.+)\)$/.exec(note) ?? [];
    expect(phaseTexts[phase].doing).toContain(doing.replace(/ …$/, ""));
    expect(unsaid(why.replace(/; evidence: .*$/, ""))).toEqual([]);
  }
});

test("the advice for the held node is the one of its reason", () => {
  const [, told = ""] = /\(answers-network\)[\s\S]*?What would change this:\n([\s\S]*?)\n```/.exec(page) ?? [];
  const advice = holdAdvice["answers-network"].wouldChange.map((line) => `  - ${line.replaceAll("NODE", "worker-4")}`);
  expect(told.split("\n")).toEqual(advice);
});

test("a text that nobody can say is found out", () => {
  expect(isSaid("off, by two reads")).toBe(true);
  expect(isSaid("exec accepted power-off of vm-worker-1")).toBe(true);
  expect(isSaid("off, by three reads")).toBe(false);
});

test("times go forward", () => {
  const times = lines.map(([time]) => time);
  expect(times).toEqual([...times].sort());
});
