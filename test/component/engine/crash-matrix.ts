import { describe, expect, test } from "vitest";
import { chosenPlaces, isFullRun } from "../../support/full-run.ts";
import { type Blow, describeBlow, type Scenario, scenarioNamed } from "./crash-cases.ts";
import { type Outcome, playCase } from "./crash-run.ts";

const which = isFullRun ? "every step" : "the first step of each kind";

/**
 * Kills the acting replica before and after writes and calls of each scenario, and loses or cuts the answers: the repair
 * still ends well, and nothing is done twice. In a full run at every step; else at the first of each kind, unless a
 * scenario with which steps are shared has that kind, too.
 */
export function crashMatrix(scenarios: readonly Scenario[]): void {
  describe.each(scenarios)("$name", (scenario) => {
    test(`survives a blow at ${which}`, { timeout: 600_000 }, async () => {
      const smooth = await playCase(scenario, undefined);
      expect(smooth).toMatchObject({ phase: "Healed", broken: [] });
      const blows = await blowsFor(scenario, smooth);
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
      process.stdout.write(`crash matrix, ${scenario.name}, ${which}: ${blows.length} cases, ${ended}\n`);
      expect(failures).toEqual([]);
    });
  });
}

async function blowsFor(scenario: Scenario, smooth: Outcome): Promise<Blow[]> {
  const shared = isFullRun ? [] : scenario.sharesWith;
  const others: Outcome[] = [];
  for (const name of shared) others.push(await playCase(scenarioNamed(name), undefined));
  const writes = chosenPlaces(smooth.writes, new Set(others.flatMap((it) => it.writes)));
  const calls = chosenPlaces(smooth.calls, new Set(others.flatMap((it) => it.calls)));
  const at = (number: number, kinds: readonly string[]) => ({ number, what: kinds[number - 1] ?? "" });
  return [
    ...writes.flatMap((number) =>
      (["before", "after", "lost", "reset"] as const).map(
        (how): Blow => ({ at: "write", how, ...at(number, smooth.writes) }),
      ),
    ),
    ...calls.flatMap((number) =>
      (["before", "after"] as const).map((how): Blow => ({ at: "call", how, ...at(number, smooth.calls) })),
    ),
  ];
}
