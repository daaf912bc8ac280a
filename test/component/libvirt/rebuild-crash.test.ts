import { expect, test } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import { chosenPlaces, isFullRun } from "../../support/full-run.ts";
import { type Blow, patient, playRebuild } from "./rebuild-run.ts";

/** virStorageVolDelete, virStorageVolCreateXML, virDomainCreateWithFlags: what a rebuild of a machine that is off does. */
const acts = [94, 93, 196];

const which = isFullRun ? "every call and write" : "the first of each kind of call";

test(`a rebuild survives a blow at ${which}`, { timeout: 120_000 }, async () => {
  const smooth = await playRebuild(undefined);
  const done = [`delete /nodes/${patient}.qcow2`, `make /nodes/${patient}.qcow2`, `create ${patient} 8`];
  expect(smooth).toMatchObject({ phase: "Healed", reason: "healed", deeds: done, broken: [] });
  const failures: string[] = [];
  const ends = new Map<string, number>();
  const blows = blowsFor(smooth.calls, smooth.writes);
  for (const blow of blows) {
    const name = `${blow.how === "lost" ? "answer lost at" : `killed ${blow.how}`} ${blow.at} ${blow.number}`;
    const { phase, reason, deeds, broken } = await playRebuild(blow).catch((error: Error) => ({
      phase: "never ended",
      reason: "",
      deeds: [],
      broken: [error.message],
    }));
    const end = `${phase} (${reason}) after ${deeds.length} acts`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (phase !== "Healed") failures.push(`${name}: ${end}: ${deeds.join(", ")}`);
    for (const sentence of broken) failures.push(`${name}: ${sentence}`);
  }
  process.stdout.write(
    `rebuild, ${which}: ${blows.length} cases, ${[...ends].map(([end, count]) => `${count} ${end}`).join("; ")}\n`,
  );
  expect(failures).toEqual([]);
});

/**
 * Answers are lost, and around each act the leader dies. Between two acts it leaves the same world at whichever read it
 * dies. Outside a full run each procedure is struck once between two acts, and writes are left to the crash matrix of the engine, in
 * which they are the same.
 */
function blowsFor(calls: readonly number[], writes: number): readonly Blow[] {
  const actsBefore = (index: number) => calls.slice(0, index).filter((it) => acts.includes(it)).length;
  const kinds = calls.map((procedure, index) => `${procedure} after ${actsBefore(index)} acts`);
  const atCalls = chosenPlaces(kinds).flatMap((number) => {
    const isAct = acts.includes(calls[number - 1] ?? 0);
    const hows = isAct || isFullRun ? (["before", "after", "lost"] as const) : (["lost"] as const);
    return hows.map((how): Blow => ({ at: "call", number, how }));
  });
  const places = isFullRun ? Array.from({ length: writes }, (_, index) => index + 1) : [];
  const atWrites = places.flatMap((number) =>
    (["before", "after"] as const).map((how): Blow => ({ at: "write", number, how })),
  );
  return [...atCalls, ...atWrites];
}

test("with a single attempt a rebuild that was cut off waits for a person, who lets it begin again", async () => {
  const cutOff: Blow = { at: "call", number: (await playRebuild(undefined)).calls.indexOf(93) + 1, how: "before" };
  let held: ApiObject = {};
  const outcome = await playRebuild(cutOff, {
    attempts: 1,
    async atEnd(it) {
      held = it.repair(patient)?.status ?? {};
      const askedAt = new Date(it.world.clock.now().wallMs).toISOString();
      const request = { id: "r1", kind: "release-hold", askedAt };
      it.world.kube.store.patch("noderepairs", patient, { spec: { request } });
      const isHealed = () => it.repair(patient)?.status.phase === "Healed";
      await it.world.clock.runUntil(isHealed, 600_000, "the end of the repair that was let go on");
    },
  });
  expect(held).toMatchObject({ phase: "Held", reason: "ladder-exhausted" });
  expect(outcome).toMatchObject({ phase: "Healed", broken: [] });
});
