import { expect, test } from "vitest";
import { chosenPlaces, isFullRun } from "../../support/full-run.ts";
import { type Blow, playReplace, type ReplaceCase } from "./replace-run.ts";

const which = isFullRun ? "every write and every act" : "every act and the first of each kind of write round them";

/**
 * Kills the acting replica, or cuts its answers off, at steps of a replacement: nothing takes place twice. Outside a full
 * run only the steps of the replacement itself are struck; those before and after it are struck by the crash matrix of
 * the engine, in which they are the same.
 */
export function replaceCrash(chosen: ReplaceCase): void {
  test(`replacing ${chosen.name} survives a blow at ${which}`, { timeout: 600_000 }, async () => {
    const smooth = await playReplace(chosen, undefined);
    expect(smooth).toMatchObject({ phase: "Healed", reason: "replaced", accepted: chosen.acts, broken: [] });
    const failures: string[] = [];
    const ends = new Map<string, number>();
    const all = blows(chosen, smooth.writes);
    for (const blow of all) {
      const { phase, reason, accepted, broken } = await playReplace(chosen, blow).catch((error: Error) => ({
        phase: "never ended",
        reason: "",
        accepted: [],
        broken: [error.message],
      }));
      const end = phase === "Held" ? `Held (${reason}) after ${accepted.join(", ") || "nothing"}` : phase;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      for (const sentence of broken) failures.push(`${describeBlow(blow, smooth.writes)}: ${sentence}`);
    }
    const ended = [...ends].map(([end, count]) => `${count} ${end}`).join("; ");
    process.stdout.write(`replacing ${chosen.name}, ${which}: ${all.length} cases, ${ended}\n`);
    expect(failures).toEqual([]);
    expect([...ends.keys()]).toContain("Healed");
  });
}

/** Writes that tell of the replacement, and of what becomes of the old Node. */
const ofReplacement = /^record Restoring: replace|^record Recovering|^DELETE nodes$|: replaced$/;

function blows({ acts }: ReplaceCase, writes: readonly string[]): readonly Blow[] {
  const kills = ["before", "after"] as const;
  const elsewhere = new Set(writes.filter((kind) => !ofReplacement.test(kind)));
  return [
    ...chosenPlaces(writes, elsewhere).flatMap((number) => kills.map((how): Blow => ({ at: "write", number, how }))),
    ...acts.flatMap((_, index) =>
      [...kills, "lost" as const].map((how): Blow => ({ at: "act", number: index + 1, how })),
    ),
  ];
}

function describeBlow({ at, number, how }: Blow, writes: readonly string[]): string {
  const what = at === "write" ? `write ${number} (${writes[number - 1]})` : `act ${number}`;
  return how === "lost" ? `answer lost at ${what}` : `killed ${how} ${what}`;
}
