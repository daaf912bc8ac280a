import { expect, test } from "vitest";
import { taintWrites } from "../../support/recorder.ts";
import { loseHomeOfVolume, silenceMs, useStockSettings } from "./stock-settings.ts";
import { expectLawfulTaints } from "./taint-laws.ts";

/** DESIGN §10: last heartbeat → volume attached elsewhere. Without Aceso it takes 6 minutes and more. */
const limitMs = 40_000;

const scenario = useStockSettings();

test("the volume of a machine found off is attached elsewhere within 40 s of the last heartbeat, stock settings", async () => {
  const { owner, recorder, repair } = scenario();
  const { home, tookMs } = await loseHomeOfVolume(scenario(), (machine) => machine.kill());
  console.info(
    `found off, stock settings: attached elsewhere ${(tookMs / 1_000).toFixed(1)} s after the last heartbeat`,
  );
  expect(tookMs).toBeLessThanOrEqual(limitMs);

  const [taint] = taintWrites(recorder);
  expect(taint).toMatchObject({ node: home, ready: "True" });
  expect(owner.actsOn(home), "a machine that is off is not switched off").toEqual([]);
  expect((await repair(home))?.status.evidence).toContainEqual(
    expect.objectContaining({ machine: `vm-${home}`, value: "off" }),
  );
  expectLawfulTaints(scenario(), { silenceMs, isProven: true });
});
