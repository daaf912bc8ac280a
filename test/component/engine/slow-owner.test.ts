import { expect, test } from "vitest";
import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";
import { briskConfig, startHealing } from "../../support/healing.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
/** More than the ladder has attempts. */
const vainTries = 8;

test("an owner too slow to be asked in time spends no attempt: the power-off that was never sent is tried until it is", async () => {
  await using it = await startHealing({ nodes, config: `${briskConfig}\nfencing: {power-off-timeout: 30s}\n` });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  const { provider } = it;
  const powerOff = provider.powerOff.bind(provider);
  let tries = 0;
  provider.powerOff = async (act: Act) => {
    tries += 1;
    if (tries > vainTries) return powerOff(act);
    await new Promise((resolve) => act.signal.addEventListener("abort", resolve, { once: true }));
    throw new ProviderError("reading server vm-b: no answer within 30000 ms", "retry");
  };
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => tries === 2, 300_000, "the second try");
  // a repair that could be asked for nothing leaves nothing that might still come
  expect(it.repair("b").status).toMatchObject({ phase: "Fencing", attempt: 1 });
  expect(it.repair("b").status.result).toMatchObject({ effect: "power-off", outcome: "failed" });
  await it.untilPhase("b", "Healed", 1_200_000);
  expect(it.repair("b").status.attempt).toBe(1);
  expect([tries, provider.count("power-off")]).toEqual([vainTries + 1, 1]);
});

test("a power-off of which the owner says that it may have taken place is never repeated, however late it says so", async () => {
  await using it = await startHealing({ nodes, config: `${briskConfig}\nfencing: {power-off-timeout: 30s}\n` });
  await it.startReplica("one", "a");
  await it.world.clock.advance(20_000);
  let tries = 0;
  it.provider.powerOff = async (act: Act) => {
    tries += 1;
    await new Promise((resolve) => act.signal.addEventListener("abort", resolve, { once: true }));
    throw new ProviderError("stopping server vm-b: sent, but no answer came", "re-read");
  };
  it.cluster.node("b").machine.hang();
  await it.world.clock.runUntil(() => it.repair("b")?.status.result?.outcome === "unknown", 300_000, "the outcome");
  const { attempt } = it.repair("b").status;
  await it.world.clock.runUntil(() => tries === 2 || it.repair("b").status.phase === "Held", 300_000, "what follows");
  expect(it.repair("b").status.attempt).toBe(attempt + 1);
});
