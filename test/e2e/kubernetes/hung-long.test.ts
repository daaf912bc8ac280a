import { expect, test } from "vitest";
import { loseHomeOfVolume, silenceMs, useStockSettings } from "./stock-settings.ts";
import { expectLawfulTaints } from "./taint-laws.ts";

/** DESIGN §10: last heartbeat → pods released, when the machine had to be powered off; its volume follows at once. */
const limitMs = 80_000;

const scenario = useStockSettings();

// Three minutes: a long variant, for `npm run e2e:full`.
test("a hung machine is switched off once, its volume attached elsewhere within 80 s, and the node back in service, stock settings", async () => {
  const { owner, untilPhase } = scenario();
  const { home, tookMs } = await loseHomeOfVolume(scenario(), (machine) => machine.hang());
  console.info(`hung, stock settings: attached elsewhere ${(tookMs / 1_000).toFixed(1)} s after the last heartbeat`);
  expect(tookMs).toBeLessThanOrEqual(limitMs);
  await untilPhase(home, "Healed", { withinMs: 150_000 });
  expect(owner.actsOn(home).map(({ operation }) => operation)).toEqual(["power-off", "power-on"]);
  expectLawfulTaints(scenario(), { silenceMs, isProven: true });
}, 360_000);
