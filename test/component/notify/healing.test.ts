import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { briskConfig, startHealing } from "../../support/healing.ts";
import { startReceiver, staySilent, type Treatment, take } from "./receiver.ts";
import { secret } from "./rig.ts";

const nodes = ["a", "b", "c"].map((name) => ({ name }));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-notify-"));
  await writeFile(join(folder, "secret"), secret);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Heals one node, by the virtual clock. @returns how long it took, and what the receiver got */
async function heal(treatment: Treatment) {
  await using receiver = await startReceiver([treatment]);
  const notifications = `notifications: {url: '${receiver.url}', secret-file: ${join(folder, "secret")}, cluster: east}\n`;
  await using it = await startHealing({ nodes, config: `${briskConfig}\n${notifications}` });
  await it.startReplica("one");
  await it.world.clock.advance(20_000);
  it.cluster.node("b").machine.kill();
  const begunMs = it.world.clock.now().monoMs;
  await it.untilPhase("b", "Healed");
  const tookMs = it.world.clock.now().monoMs - begunMs;
  if (treatment === take) await expect.poll(() => receiver.received.at(-1)?.body.event).toBe("RepairHealed");
  return { tookMs, told: receiver.received.map(({ body }) => body) };
}

test("a repair tells its phases in their order, and one that nobody listens to takes no longer", async () => {
  const { tookMs, told } = await heal(take);
  const phases = told.filter(({ hold }) => hold === null).map(({ event }) => event);
  expect(phases).toEqual(
    ["Cordoning", "Fencing", "Releasing", "Restoring", "Recovering", "Unfencing", "Healed"].map((it) => `Repair${it}`),
  );
  expect(told.every(({ node, cluster }) => node === "b" && cluster === "east")).toBe(true);
  const unheard = await heal(staySilent);
  expect(unheard.told.length).toBeLessThan(told.length);
  expect(Math.abs(unheard.tookMs - tookMs)).toBeLessThan(5_000);
});
