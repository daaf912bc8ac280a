import { afterAll, afterEach, beforeAll } from "vitest";
import { actsOf, type Scenario, type ScenarioOptions, startScenario } from "../../support/e2e-stage/scenario.ts";
import { tellStory } from "./story.ts";

/**
 * Starts a scenario before the tests of a file and ends it after them; a test that fails gets the story of the run
 * printed. @returns what gives the scenario, inside tests
 */
export function useScenario(options: ScenarioOptions, begin?: (scenario: Scenario) => Promise<void>): () => Scenario {
  let scenario: Scenario | undefined;
  beforeAll(async () => {
    scenario = await startScenario(options);
    await begin?.(scenario);
  }, 300_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail" && scenario !== undefined)
      console.error(await tellStory(scenario, actsOf(scenario)));
  });
  afterAll(() => scenario?.stop(), 60_000);
  return () => {
    if (scenario === undefined) throw new Error("the scenario has not started");
    return scenario;
  };
}
