import { describe, expect, test } from "vitest";
import { type Blow, describeBlow, type Scenario } from "./crash-cases.ts";
import { playCase } from "./crash-run.ts";

/**
 * Kills the acting replica before and after every write and every call of each scenario, and loses or cuts every
 * answer: the repair still ends well, and nothing is done twice.
 */
export function crashMatrix(scenarios: readonly Scenario[]): void {
  describe.each(scenarios)("$name", (scenario) => {
    test("survives a blow at every step", { timeout: 240_000 }, async () => {
      const smooth = await playCase(scenario, undefined);
      expect(smooth).toMatchObject({ phase: "Healed", broken: [] });
      // What comes before a replacement is asked for is the same as in the scenario where nothing is followed.
      const blows = blowsFor(smooth.writesBeforeReplace + 1, smooth.writes, smooth.callCount);
      const failures: string[] = [];
      const outcomes = new Map<string, number>();
      for (const blow of blows) {
        const outcome = await playCase(scenario, blow).catch((error: Error) => ({
          phase: "never ended",
          reason: "",
          broken: [error.message],
        }));
        const key = outcome.phase === "Held" ? `Held (${outcome.reason})` : outcome.phase;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
        for (const broken of outcome.broken) failures.push(`${describeBlow(blow)}: ${broken}`);
      }
      const ended = [...outcomes].map(([key, count]) => `${count} ${key}`).join(", ");
      process.stdout.write(`crash matrix, ${scenario.name}: ${blows.length} cases, ${ended}\n`);
      expect(failures).toEqual([]);
    });
  });
}

function blowsFor(firstWrite: number, writes: number, calls: number): Blow[] {
  const blows: Blow[] = [];
  for (let number = firstWrite; number <= writes; number += 1) {
    for (const how of ["before", "after", "lost", "reset"] as const) blows.push({ at: "write", number, how });
  }
  for (let number = 1; number <= calls; number += 1) {
    for (const how of ["before", "after"] as const) blows.push({ at: "call", number, how });
  }
  return blows;
}
