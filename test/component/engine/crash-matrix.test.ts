import { describe, expect, test } from "vitest";
import { type Blow, describeBlow, scenarios } from "./crash-cases.ts";
import { playCase } from "./crash-run.ts";

/** Killed before and after every write and every call of every scenario, and each answer lost: the repair still ends well. */
describe.each(scenarios)("$name", (scenario) => {
  test("survives a blow at every step", { timeout: 120_000 }, async () => {
    const smooth = await playCase(scenario, undefined);
    expect(smooth).toMatchObject({ phase: "Healed", broken: [] });
    const blows = blowsFor(smooth.writes, smooth.callCount);
    const failures: string[] = [];
    const outcomes: Record<string, number> = {};
    for (const blow of blows) {
      const outcome = await playCase(scenario, blow).catch((error: Error) => ({
        phase: "never ended",
        reason: error.message,
        broken: [error.message],
      }));
      const key = outcome.phase === "Held" ? `Held (${outcome.reason})` : outcome.phase;
      outcomes[key] = (outcomes[key] ?? 0) + 1;
      for (const broken of outcome.broken) failures.push(`${describeBlow(blow)}: ${broken}`);
    }
    console.log(
      `${scenario.name}: ${blows.length} cases, ${Object.entries(outcomes)
        .map(([key, count]) => `${count} ${key}`)
        .join(", ")}`,
    );
    expect(failures).toEqual([]);
  });
});

function blowsFor(writes: number, calls: number): Blow[] {
  const blows: Blow[] = [];
  for (let number = 1; number <= writes; number += 1) {
    for (const how of ["before", "after", "lost", "reset"] as const) blows.push({ at: "write", number, how });
  }
  for (let number = 1; number <= calls; number += 1) {
    for (const how of ["before", "after"] as const) blows.push({ at: "call", number, how });
  }
  return blows;
}
