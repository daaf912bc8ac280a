import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type ErrorCode, errorCodes } from "../../../src/core/error-codes.ts";
import { eventOfPhase, eventReasons } from "../../../src/core/event-reasons.ts";
import { holdReasons } from "../../../src/core/hold.ts";
import { outcomes, workPhases } from "../../../src/core/record.ts";

const root = new URL("../../../", import.meta.url);

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Everything that ships. */
async function readSources(): Promise<readonly Source[]> {
  const found = await Promise.all(["src", "plugins"].map((folder) => sourcesIn(folder)));
  return Promise.all(found.flat().map(async (file) => ({ file, text: await readFile(new URL(file, root), "utf8") })));
}

async function sourcesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(new URL(folder, root), { recursive: true });
  return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`);
}

const sources = await readSources();
const elsewhere = (own: readonly string[]) => sources.filter(({ file }) => !own.includes(file));

test("every error class has a code that the operations page explains, and every code of the page has a class or is counted", () => {
  const code = /\bcode(?:\s*=|:[^;\n]*\?[^;\n]*:) "(ACESO_[A-Z_]+)"/g;
  const used = elsewhere(["src/core/error-codes.ts"]).flatMap(({ text }) =>
    [...text.matchAll(code)].map(([, it]) => it),
  );
  expect(new Set(used)).toEqual(new Set(Object.keys(errorCodes)));
});

test.each(Object.keys(errorCodes) as ErrorCode[])("%s says what it means, what follows and what to do", (code) => {
  for (const text of Object.values(errorCodes[code])) expect(text).toMatch(/^[A-Z0-9][\s\S]+/);
});

test.each(Object.keys(holdReasons))("the hold %s is given somewhere", (reason) => {
  const users = elsewhere(["src/core/hold.ts", "src/core/hold-advice.ts", "src/core/hold-end.ts"]);
  expect(users.filter(({ text }) => text.includes(`"${reason}"`)).map(({ file }) => file)).not.toEqual([]);
});

test("there is an event for each phase, one for each new reason to wait, and one for a refused request", () => {
  const ofPhases = [...workPhases, ...outcomes].map((phase) => eventOfPhase(phase));
  expect(new Set(Object.keys(eventReasons))).toEqual(new Set([...ofPhases, "RepairHeldBack", "RequestRefused"]));
});
